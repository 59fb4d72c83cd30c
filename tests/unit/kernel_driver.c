/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program around the kernel room alone, for tests/e2e/test_kernel.py: it takes commands from
 * standard input, one a line, and answers each with lines of which the last is "." alone. In the
 * place of the RIB stands a trie of words.
 */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bgpd/kernel/kernel.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/task.h"
#include "lib/trie.h"

enum { WORDS_MAX = 16, LINE_BYTES = 4096, DISTANCE_EBGP = 20 };

struct driver {
	struct event_base *base;
	struct log *log;
	struct kernel *kernel;
	struct trie *words[3];
	struct event *input, *poll;
	char line[LINE_BYTES];
	size_t used;
	uint32_t installed, refused, routes_changed, interface_changed;
	/* a bulk under way */
	struct task bulk;
	uint32_t bulk_next, bulk_left;
	bool bulk_remove;
	struct kernel_nexthop bulk_nh;
	uint64_t bulk_started; /* clock_ns */
	bool waiting;          /* answers "idle" when the kernel is */
};

/* --- in the place of the RIB --- */

static uint32_t *find_word(void *ctx, const struct prefix *p)
{
	struct driver *d = ctx;

	return trie_find(d->words[p->family], p) ? trie_insert(d->words[p->family], p) : NULL;
}

static bool next_word(
    void *ctx, enum family family, const struct prefix *after, struct prefix *found)
{
	struct driver *d = ctx;

	return trie_next(d->words[family], after, found) != 0;
}

static void set(
    struct driver *d, const struct prefix *p, const struct kernel_nexthop *nh, unsigned n)
{
	uint32_t *word = trie_insert(d->words[p->family], p);

	kernel_bgp_set(d->kernel, p, word, DISTANCE_EBGP, nh, n);
	if (!*word)
		trie_del(d->words[p->family], p);
}

static void del(struct driver *d, const struct prefix *p)
{
	uint32_t *word = find_word(d, p);

	if (!word)
		return;
	kernel_bgp_del(d->kernel, p, word);
	trie_del(d->words[p->family], p);
}

/* --- events --- */

static void on_installed(void *ctx, const struct prefix *p, int error)
{
	struct driver *d = ctx;

	(void)p;
	d->installed += !error;
	d->refused += !!error;
}

static void on_routes(void *ctx, const struct prefix *p)
{
	struct driver *d = ctx;

	(void)p;
	d->routes_changed++;
}

static void on_interface(void *ctx, uint32_t ifindex)
{
	struct driver *d = ctx;

	(void)ifindex;
	d->interface_changed++;
}

static const struct kernel_events events = {
    .routes_changed = on_routes,
    .interface_changed = on_interface,
    .installed = on_installed,
    .word = find_word,
    .next = next_word,
};

static void done(void)
{
	puts(".");
	fflush(stdout);
}

/* --- commands --- */

static bool gateway(const char *text, struct kernel_nexthop *nh)
{
	const char *at = strchr(text, '@');
	char address[ADDR_STRLEN];

	*nh = (struct kernel_nexthop){.weight = 1, .ifindex = at ? (uint32_t)atoi(at + 1) : 0};
	snprintf(
	    address, sizeof(address), "%.*s", (int)(at ? at - text : (long)strlen(text)), text);
	return addr_parse(address, &nh->gate);
}

static void cmd_set(struct driver *d, char **w, int n)
{
	struct kernel_nexthop nh[WORDS_MAX];
	struct prefix p;
	unsigned count = 0;

	for (int i = 2; i < n; i++)
		count += gateway(w[i], &nh[count]);
	if (n > 2 && prefix_parse(w[1], &p))
		set(d, &p, nh, count);
	done();
}

static void cmd_del(struct driver *d, char **w, int n)
{
	struct prefix p;

	if (n > 1 && prefix_parse(w[1], &p))
		del(d, &p);
	done();
}

static void cmd_state(struct driver *d, char **w, int n)
{
	static const char *const names[] = {"none", "queued", "installed", "failed", "hidden"};
	struct prefix p;
	uint32_t *word = n > 1 && prefix_parse(w[1], &p) ? find_word(d, &p) : NULL;

	puts(names[kernel_bgp_state(d->kernel, word ? *word : 0)]);
	done();
}

static void cmd_resolve(struct driver *d, char **w, int n)
{
	struct kernel_nexthop nh[WORDS_MAX];
	struct addr a;
	char text[ADDR_STRLEN];
	unsigned count = n > 1 && addr_parse(w[1], &a)
			     ? kernel_resolve(d->kernel, &a, n > 2, nh, WORDS_MAX, NULL)
			     : 0;

	for (unsigned i = 0; i < count; i++)
		printf("%s %u\n", addr_str(&nh[i].gate, text), nh[i].ifindex);
	done();
}

static void cmd_static(struct driver *d, char **w, int n)
{
	static const char *const specials[] = {"", "blackhole", "unreachable", "prohibit"};
	struct rt_nexthop nh = {.weight = 1};
	struct prefix p;

	if (n < 4 || !prefix_parse(w[2], &p)) {
		done();
		return;
	}
	for (uint8_t s = 1; s < 4; s++)
		if (strcmp(w[3], specials[s]) == 0)
			nh.special = s;
	if (!nh.special && !addr_parse(w[3], &nh.gate))
		snprintf(nh.ifname, sizeof(nh.ifname), "%s", w[3]);
	if (n > 4)
		snprintf(nh.ifname, sizeof(nh.ifname), "%s", w[4]);
	if (strcmp(w[1], "set") == 0)
		kernel_static_set(d->kernel, &p, 1, 0, &nh);
	else
		kernel_static_unset(d->kernel, &p, 1, &nh);
	done();
}

static void cmd_address(struct driver *d, char **w, int n)
{
	struct prefix p;

	if (n > 3 && prefix_parse_raw(w[3], &p)) {
		if (strcmp(w[1], "set") == 0)
			kernel_address_set(d->kernel, w[2], &p);
		else
			kernel_address_unset(d->kernel, w[2], &p);
	}
	done();
}

static void print_nexthop(const struct rt_nexthop *nh)
{
	static const char *const specials[] = {"", " blackhole", " unreachable", " prohibit"};
	char gate[ADDR_STRLEN], via[ADDR_STRLEN];

	if (nh->gate.family)
		printf(" via %s", addr_str(&nh->gate, gate));
	if (nh->via.family)
		printf(" (%s)", addr_str(&nh->via, via));
	printf("%s%s%s%s", nh->ifname[0] ? " dev " : "", nh->ifname, specials[nh->special],
	    nh->active ? "" : " inactive");
}

static void cmd_routes(struct driver *d, char **w, int n)
{
	const struct rt_route *r = NULL;
	char text[PREFIX_STRLEN];
	(void)w;
	(void)n;

	for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
		while ((r = kernel_route_next(d->kernel, f, r))) {
			printf("%c%c%c %s [%u/%u]", "CLKS"[r->proto], r -> selected ? '>' : ' ',
			    r->in_kernel ? '*' : ' ', prefix_str(&r->prefix, text), r->distance,
			    r->metric);
			for (uint16_t i = 0; i < r->nexthop_count; i++)
				print_nexthop(&r->nexthops[i]);
			putchar('\n');
		}
	done();
}

static void cmd_interfaces(struct driver *d, char **w, int n)
{
	const struct kernel_interface *i = NULL;
	char text[PREFIX_STRLEN];
	(void)w;
	(void)n;

	while ((i = kernel_interface_next(d->kernel, i ? i->name : NULL))) {
		printf("%s %u %s%s mtu %u", i->name, i->ifindex, i->up ? "up" : "down",
		    i->running ? " running" : "", i->mtu);
		for (uint32_t a = 0; a < i->address_count; a++)
			printf(" %s%s", prefix_str(&i->addresses[a].prefix, text),
			    i->addresses[a].configured ? "!" : "");
		putchar('\n');
	}
	done();
}

static void cmd_counts(struct driver *d, char **w, int n)
{
	(void)w;
	(void)n;
	printf("installed %u refused %u routes %u interfaces %u\n", d->installed, d->refused,
	    d->routes_changed, d->interface_changed);
	done();
}

static bool bulk_step(void *ctx)
{
	struct driver *d = ctx;

	while (d->bulk_left && !task_expired(&d->bulk)) {
		struct addr a = addr_from_ipv4(d->bulk_next);
		struct prefix p = prefix_from_addr(&a);
		p.len = 24;
		if (d->bulk_remove)
			del(d, &p);
		else
			set(d, &p, &d->bulk_nh, 1);
		d->bulk_next += 256;
		d->bulk_left--;
	}
	return d->bulk_left > 0;
}

static void cmd_bulk(struct driver *d, char **w, int n)
{
	if (n > 3 && gateway(w[3], &d->bulk_nh)) {
		d->bulk_remove = strcmp(w[1], "del") == 0;
		d->bulk_left = (uint32_t)atoi(w[2]);
		d->bulk_next = 0x14000000;
		d->bulk_started = clock_ns();
		task_wake(&d->bulk);
	}
	done();
}

static void cmd_idle(struct driver *d, char **w, int n)
{
	static const struct timeval tick = {.tv_usec = 1000};
	(void)w;
	(void)n;

	d->waiting = true;
	event_add(d->poll, &tick);
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	struct driver *d = arg;
	(void)fd;
	(void)what;

	if (!d->waiting || d->bulk_left || !kernel_idle(d->kernel))
		return;
	printf("idle %.3f\n", (double)(clock_ns() - d->bulk_started) * 1e-9);
	d->waiting = false;
	event_del(d->poll);
	done();
}

static void cmd_sweep(struct driver *d, char **w, int n)
{
	(void)w;
	(void)n;
	kernel_sweep(d->kernel);
	done();
}

static void cmd_quit(struct driver *d, char **w, int n)
{
	(void)w;
	(void)n;
	event_base_loopbreak(d->base);
}

static const struct command {
	const char *name;
	void (*run)(struct driver *d, char **w, int n);
} commands[] = {
    {"set", cmd_set},
    {"del", cmd_del},
    {"state", cmd_state},
    {"resolve", cmd_resolve},
    {"static", cmd_static},
    {"address", cmd_address},
    {"routes", cmd_routes},
    {"interfaces", cmd_interfaces},
    {"counts", cmd_counts},
    {"bulk", cmd_bulk},
    {"idle", cmd_idle},
    {"sweep", cmd_sweep},
    {"quit", cmd_quit},
};

static void command(struct driver *d, char *line)
{
	char *words[WORDS_MAX], *save = NULL;
	int n = 0;

	for (char *w = strtok_r(line, " ", &save); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	for (size_t i = 0; n && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(words[0], commands[i].name) == 0) {
			commands[i].run(d, words, n);
			return;
		}
	puts("unknown command");
	done();
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct driver *d = arg;
	(void)what;

	ssize_t len = read(fd, d->line + d->used, sizeof(d->line) - d->used - 1);
	if (len <= 0) {
		event_base_loopbreak(d->base);
		return;
	}
	d->used += (size_t)len;
	d->line[d->used] = '\0';
	for (char *end; (end = strchr(d->line, '\n'));) {
		*end = '\0';
		command(d, d->line);
		d->used -= (size_t)(end + 1 - d->line);
		memmove(d->line, end + 1, d->used + 1);
	}
}

static void on_log(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

static void finish(struct driver *d)
{
	kernel_free(d->kernel);
	task_fini(&d->bulk);
	event_free(d->input);
	event_free(d->poll);
	trie_free(d->words[FAMILY_IPV4]);
	trie_free(d->words[FAMILY_IPV6]);
	log_free(d->log);
	event_base_free(d->base);
	libevent_global_shutdown();
}

int main(int argc, char **argv)
{
	struct kernel_opts opts = {.install = true, .table = 254};
	struct driver d = {.base = task_base_new(), .log = log_new("TEST")};

	for (int i = 1; i < argc; i++) {
		opts.install &= strcmp(argv[i], "-n") != 0;
		opts.keep_routes |= strcmp(argv[i], "-r") == 0;
	}
	log_set_level(d.log, LOG_TO_STDOUT, LOG_OFF);
	log_set_level(d.log, LOG_TO_MONITOR, LOG_DEBUG);
	log_set_monitor(d.log, on_log, NULL);
	d.words[FAMILY_IPV4] = trie_new(FAMILY_IPV4);
	d.words[FAMILY_IPV6] = trie_new(FAMILY_IPV6);
	d.kernel = kernel_new(d.base, d.log, &opts, &events, &d);
	if (!d.kernel) {
		perror("kernel_new");
		return 1;
	}
	task_init(&d.bulk, d.base, bulk_step, &d);
	d.input = event_new(d.base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, &d);
	d.poll = event_new(d.base, -1, EV_PERSIST, on_poll, &d);
	event_add(d.input, NULL);
	done();
	event_base_dispatch(d.base);
	finish(&d);
	return 0;
}
