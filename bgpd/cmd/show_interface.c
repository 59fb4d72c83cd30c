/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show interface`: interfaces as zebra shows them, at length, in brief, or with descriptions.
 *
 * Interfaces are few; still a step shows a bounded number and remembers a name.
 */
#include <linux/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/cmd/show_rt.h"
#include "bgpd/instance.h"
#include "lib/mem.h"

/* How one interface is printed, and what stands around all of them. */
struct style {
	const char *header, *footer;
	void (*print)(struct out *o, const struct instance *inst, const struct kernel_interface *i);
};

struct show_interfaces {
	const struct instance *inst;
	const struct style *style;
	char at[IFNAMSIZ];
};

/* The description from the configuration; false: none. */
static bool description_of(
    const struct instance *inst, const struct kernel_interface *i, char *buf, size_t size)
{
	const struct conf_node *block;
	char line[sizeof("interface ") + IFNAMSIZ];

	snprintf(line, sizeof(line), "interface %s", i->name);
	block = conf_find(conf_root(cli_running(inst->cli)), line);
	block = block ? conf_find(block, "description") : NULL;
	return block && conf_arg(block, "line", buf, size);
}

/* ---- at length ---- */

struct flag_name {
	uint32_t flag;
	const char *name;
};

static void show_flags(struct out *o, uint32_t flags)
{
	static const struct flag_name names[] = {{IFF_UP, "UP"}, {IFF_LOWER_UP, "LOWER_UP"},
	    {IFF_BROADCAST, "BROADCAST"}, {IFF_DEBUG, "DEBUG"}, {IFF_LOOPBACK, "LOOPBACK"},
	    {IFF_POINTOPOINT, "POINTOPOINT"}, {IFF_NOTRAILERS, "NOTRAILERS"},
	    {IFF_RUNNING, "RUNNING"}, {IFF_NOARP, "NOARP"}, {IFF_PROMISC, "PROMISC"},
	    {IFF_ALLMULTI, "ALLMULTI"}, {IFF_MULTICAST, "MULTICAST"}};
	struct sb text;

	sb_init(&text);
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		if (flags & names[n].flag)
			sb_fmt(&text, "%s%s", text.len ? "," : "<", names[n].name);
	sb_add(&text, text.len ? ">" : "<>");
	out_str(o, "flags", "  flags: %s\n", text.s);
	sb_fini(&text);
}

static void show_changes(
    struct out *o, const char *key, const char *what, uint32_t count, int64_t last)
{
	char text[32] = "(never)";
	time_t when = (time_t)last;
	struct tm tm;

	if (last)
		strftime(text, sizeof(text), "%Y/%m/%d %H:%M:%S.00", localtime_r(&when, &tm));
	out_uint(o, key, NULL, count);
	out_text(o, "  Link %-11s%u    last: %s\n", what, count, text);
}

static const char *type_name(uint16_t hw_type)
{
	switch (hw_type) {
	case ARPHRD_ETHER:
		return "Ethernet";
	case ARPHRD_LOOPBACK:
		return "Loopback";
	case ARPHRD_TUNNEL:
		return "IPIP Tunnel";
	case ARPHRD_TUNNEL6:
		return "IPIP6 Tunnel";
	case ARPHRD_SIT:
		return "IPv6-in-IPv4 SIT";
	case ARPHRD_IPGRE:
		return "GRE over IP";
	case ARPHRD_PPP:
		return "Point-to-Point Protocol";
	default:
		return "Unknown";
	}
}

struct kind_name {
	const char *kind, *name;
};

static const char *kind_name(const char *kind)
{
	static const struct kind_name names[] = {{"veth", "VETH"}, {"bridge", "Bridge"},
	    {"bond", "bond"}, {"vlan", "Vlan"}, {"vxlan", "Vxlan"}, {"vrf", "VRF"},
	    {"macvlan", "macvlan"}, {"gre", "GRE"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i].kind, kind))
			return names[i].name;
	return "Other";
}

static const char *slave_name(const struct instance *inst, const struct kernel_interface *i)
{
	const struct kernel_interface *master =
	    i->master ? kernel_interface(inst->kernel, i->master) : NULL;

	if (!master)
		return "None";
	if (!strcmp(master->kind, "bridge"))
		return "Bridge";
	if (!strcmp(master->kind, "vrf"))
		return "Vrf";
	return strcmp(master->kind, "bond") ? "Other" : "Bond";
}

static void show_address(struct out *o, const struct kernel_address *a)
{
	char text[PREFIX_STRLEN];

	out_obj(o, NULL);
	out_text(o, "  inet%s ", a->prefix.family == FAMILY_IPV6 ? "6" : "");
	out_str(o, "address", "%s", prefix_str(&a->prefix, text));
	if (a->peer.family)
		out_str(o, "peer", " peer %s", prefix_str(&a->peer, text));
	out_bool(o, "secondary", " secondary", a->secondary);
	out_bool(o, "unnumbered", " unnumbered", a->peer.family != FAMILY_NONE);
	out_text(o, "\n");
	out_obj_end(o);
}

static void show_hardware(struct out *o, const struct kernel_interface *i)
{
	char text[3 * sizeof(i->mac)] = "";

	out_str(o, "type", "  Type: %s\n", type_name(i->hw_type));
	if (!i->mac_len || i->loopback)
		return;
	for (unsigned n = 0; n < i->mac_len && n < sizeof(i->mac); n++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%02x", n ? ":" : "",
		    i->mac[n]);
	out_str(o, "hardwareAddress", "  HWaddr: %s\n", text);
}

static void show_parent(
    struct out *o, const struct instance *inst, const struct kernel_interface *i)
{
	const struct kernel_interface *parent = kernel_interface(inst->kernel, i->parent);

	if (i->parent && parent)
		out_str(o, "parentInterface", "  Parent interface: %s\n", parent->name);
	else if (i->parent)
		out_uint(o, "parentIfindex", "  Parent ifindex: %llu\n", i->parent);
}

static void show_state(struct out *o, const struct kernel_interface *i)
{
	out_text(o, "Interface %s is %s", i->name, i->up ? "up" : "down");
	if (i->up)
		out_text(o, ", line protocol is %s", i->running ? "up" : "down");
	out_text(o, "\n");
	out_str(o, "administrativeStatus", NULL, i->up ? "up" : "down");
	out_str(o, "operationalStatus", NULL, i->up && i->running ? "up" : "down");
	out_bool(o, "linkDetection", NULL, true);
	show_changes(o, "linkUps", "ups:", i->up_count, i->last_up);
	show_changes(o, "linkDowns", "downs:", i->down_count, i->last_down);
	out_uint(o, "carrierChanges", "  Total Carrier Changes: %llu\n", i->carrier_changes);
	out_str(o, "vrfName", "  vrf: %s\n", "default");
}

static void show_numbers(struct out *o, const struct kernel_interface *i)
{
	out_uint(o, "index", "  index %llu", i->ifindex);
	out_uint(o, "metric", " metric %llu", 0);
	out_uint(o, "mtu", " mtu %llu", i->mtu);
	if (i->mtu6 && i->mtu6 != i->mtu)
		out_uint(o, "mtu6", " mtu6 %llu", i->mtu6);
	out_uint(o, "speed", " speed %llu", i->speed);
	out_uint(o, "txqlen", " txqlen %llu\n", i->txqlen);
}

static void print_full(struct out *o, const struct instance *inst, const struct kernel_interface *i)
{
	char text[256];

	out_obj(o, i->name);
	show_state(o, i);
	if (description_of(inst, i, text, sizeof(text)))
		out_str(o, "description", "  Description: %s\n", text);
	show_numbers(o, i);
	show_flags(o, i->flags);
	out_text(o, "  MPLS  Not specified by CLI\n  Multicast config is Not specified by CLI\n"
		    "  Shutdown config is Not specified by CLI\n");
	show_hardware(o, i);
	out_arr(o, "ipAddresses");
	for (uint32_t n = 0; n < i->address_count; n++)
		show_address(o, &i->addresses[n]);
	out_arr_end(o);
	out_str(o, "interfaceType", "  Interface Type %s\n", kind_name(i->kind));
	out_str(o, "interfaceSlaveType", "  Interface Slave Type %s\n", slave_name(inst, i));
	out_str(o, "protodown", "  protodown: %s \n", i->protodown ? "on" : "off");
	show_parent(o, inst, i);
	out_obj_end(o);
}

/* ---- in brief ---- */

static unsigned count_ipv6(const struct kernel_interface *i)
{
	unsigned n = 0;

	for (uint32_t a = 0; a < i->address_count; a++)
		n += i->addresses[a].prefix.family == FAMILY_IPV6;
	return n;
}

/* IPv4 addresses but for secondary ones, then the first IPv6 one; a plus says that something was
 * left out there. */
static bool brief_has_more(const struct kernel_interface *i, uint32_t n)
{
	if (i->addresses[n].prefix.family == FAMILY_IPV6)
		return count_ipv6(i) > 1;
	return n + 1 < i->address_count && i->addresses[n + 1].secondary;
}

static void brief_addresses(struct out *o, const struct kernel_interface *i)
{
	unsigned lines = 0, ipv6 = 0;
	char text[PREFIX_STRLEN];

	for (uint32_t n = 0; n < i->address_count; n++) {
		const struct kernel_address *a = &i->addresses[n];
		bool v6 = a->prefix.family == FAMILY_IPV6;
		if (a->secondary || (v6 && ipv6++))
			continue;
		out_text(o, "%*s%s%s\n", lines ? 40 : 0, "", brief_has_more(i, n) ? "+ " : "",
		    prefix_str(&a->prefix, text));
		lines++;
	}
	if (!lines)
		out_text(o, "\n");
}

static void print_brief(
    struct out *o, const struct instance *inst, const struct kernel_interface *i)
{
	char text[PREFIX_STRLEN];

	(void)inst;
	out_text(o, "%-16s%-8s%-16s", i->name, i->up && i->running ? "up" : "down", "default");
	if (!out_json(o)) {
		brief_addresses(o, i);
		return;
	}
	out_obj(o, i->name);
	out_str(o, "status", NULL, i->up && i->running ? "up" : "down");
	out_str(o, "vrfName", NULL, "default");
	out_arr(o, "addresses");
	for (uint32_t n = 0; n < i->address_count; n++)
		out_str(o, NULL, NULL, prefix_str(&i->addresses[n].prefix, text));
	out_arr_end(o);
	out_obj_end(o);
}

/* ---- descriptions ---- */

static void print_description(
    struct out *o, const struct instance *inst, const struct kernel_interface *i)
{
	char text[256];

	if (!description_of(inst, i, text, sizeof(text)))
		text[0] = '\0';
	out_text(o, "%-16s%-8s%-9s%s\n", i->name, i->up ? "up" : "down",
	    i->up && i->running ? "up" : "down", text);
}

static const struct style style_full = {"", "", print_full};
static const struct style style_brief = {"Interface       Status  VRF             Addresses\n"
					 "---------       ------  ---             ---------\n",
    "\n", print_brief};
static const struct style style_description = {
    "\n\tVRF default(0)\n\nInterface       Status  Protocol  Description\n", "", print_description};

/* ---- the command ---- */

static bool step_interfaces(void *ctx, struct out *out)
{
	struct show_interfaces *s = ctx;

	while (out_queued(out) < RT_STEP_BYTES) {
		const struct kernel_interface *i =
		    kernel_interface_next(s->inst->kernel, s->at[0] ? s->at : NULL);
		if (!i) {
			out_text(out, "%s", s->style->footer);
			out_obj_end(out);
			if (out_json(out))
				out_raw(out, "\n");
			return false;
		}
		memcpy(s->at, i->name, sizeof(s->at));
		s->style->print(out, s->inst, i);
	}
	return true;
}

static enum cli_rc run_show_interfaces(struct cli_call *call)
{
	const struct style *style = arg_has(call->args, "brief")         ? &style_brief
				    : arg_has(call->args, "description") ? &style_description
									 : &style_full;
	struct show_interfaces *s;

	if (!rt_ask_vrf_ok(call))
		return CLI_OK;
	s = mem_zalloc(sizeof(*s));
	s->inst = call->app;
	s->style = style;
	out_text(call->out, "%s", style->header);
	out_obj(call->out, NULL);
	return cli_defer(call, step_interfaces, mem_free, s);
}

static enum cli_rc run_show_interface(struct cli_call *call)
{
	const struct instance *inst = call->app;
	const char *name = arg_str(call->args, "interface");
	const struct kernel_interface *i = kernel_interface_named(inst->kernel, name);

	if (!rt_ask_vrf_ok(call))
		return CLI_OK;
	if (!i) {
		out_raw(
		    call->out, out_json(call->out) ? "{}\n" : "%% Can't find interface %s\n", name);
		return out_json(call->out) ? CLI_OK : CLI_WARNING;
	}
	out_obj(call->out, NULL);
	print_full(call->out, inst, i);
	out_obj_end(call->out);
	if (out_json(call->out))
		out_raw(call->out, "\n");
	return CLI_OK;
}

#define HELP                                                                                       \
	"interface\tInterface status and configuration\nvrf\tSpecify the VRF\nNAME\tThe VRF "      \
	"name\n"                                                                                   \
	"all\tAll VRFs\nbrief\tInterface status and configuration summary\n"                       \
	"description\tInterface description"

static const struct cli_row interface_rows[] = {
    {IN_EXEC, "show interface vrf NAME$vrf_name [brief] [json]", HELP, 0,
	.run = run_show_interfaces},
    {IN_EXEC, "show interface [vrf all] [brief] [json]", HELP, 0, .run = run_show_interfaces},
    {IN_EXEC, "show interface IFNAME$interface vrf NAME$vrf_name [json]", HELP, 0,
	.run = run_show_interface},
    {IN_EXEC, "show interface IFNAME$interface [vrf all] [json]", HELP, 0,
	.run = run_show_interface},
    {IN_EXEC, "show interface description vrf NAME$vrf_name", HELP, 0, .run = run_show_interfaces},
    {IN_EXEC, "show interface description [vrf all]", HELP, 0, .run = run_show_interfaces},
};
const struct cmd_rows cmd_show_interface = CMD_ROWS(interface_rows);
