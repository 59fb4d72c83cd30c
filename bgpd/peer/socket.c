/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of a BGP socket: what is bound, and how its packets look on the wire.
 *
 * Directly connected eBGP neighbors get TTL 1, so that the session cannot be reached from afar;
 * packets are marked CS6 (RFC 4594) and never wait for more (TCP_NODELAY). An option that the
 * system refuses is no reason to give up a session: only binding, MD5 and the TTL check are errors.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgpd/peer/internal.h"

enum { TOS_CS6 = 0xc0, TTL_MAX = 255 };

static void set_int(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

uint8_t peer_ttl(const struct peer *p)
{
	if (p->cfg.ttl_security || !peer_is_ebgp(p))
		return TTL_MAX;
	return p->cfg.ebgp_multihop > 1 ? p->cfg.ebgp_multihop : 1;
}

static void tune_ttl(const struct peer *p, int fd)
{
	bool v6 = p->source.addr.family == FAMILY_IPV6;
	int ttl = peer_ttl(p);

	set_int(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_HOPS : IP_TTL, ttl);
	if (p->cfg.ttl_security) { /* RFC 5082 */
		int min = TTL_MAX - p->cfg.ttl_security + 1;
		set_int(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MINHOPCOUNT : IP_MINTTL, min);
	}
}

void socket_tune(const struct peer *p, int fd)
{
	const struct bgp_cfg *cfg = &p->bgp->cfg;
	bool v6 = p->source.addr.family == FAMILY_IPV6;

	tune_ttl(p, fd);
	set_int(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS, TOS_CS6);
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (p->bgp->env.send_buffer)
		set_int(fd, SOL_SOCKET, SO_SNDBUF, (int)p->bgp->env.send_buffer);
	if (cfg->tcp_keepalive) {
		set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
		set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, cfg->tcp_keepalive_idle);
		set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, cfg->tcp_keepalive_interval);
		set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, cfg->tcp_keepalive_probes);
	}
}

/* The address of an interface in the neighbor's family; false: it has none (now). */
static bool interface_address(const struct peer *p, const char *name, struct addr *out)
{
	const struct kernel *k = p->bgp->env.kernel;
	const struct kernel_interface *i = k ? kernel_interface_named(k, name) : NULL;

	for (uint32_t n = 0; i && n < i->address_count; n++) {
		struct addr a = prefix_addr(&i->addresses[n].prefix);
		if (a.family == p->source.addr.family && !addr_is_link_local(&a)) {
			*out = a;
			return true;
		}
	}
	return false;
}

static int bind_source(const struct peer *p, int fd)
{
	struct sockaddr_storage ss;
	struct addr a;

	if (!p->cfg.update_source)
		return 0;
	if (!addr_parse(p->cfg.update_source, &a) &&
	    !interface_address(p, p->cfg.update_source, &a)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	if (a.family != p->source.addr.family) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	socklen_t n = addr_to_sockaddr(&a, 0, 0, &ss);
	return bind(fd, (struct sockaddr *)&ss, n);
}

int socket_open(struct peer *p)
{
	int af = family_to_af(p->source.addr.family);
	int fd = socket(af, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	struct prefix host = prefix_from_addr(&p->source.addr);

	if (fd < 0)
		return -1;
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	socket_tune(p, fd);
	if (p->cfg.password)
		errno = socket_set_md5(fd, &host, p->cfg.password);
	if ((p->cfg.password && errno) || bind_source(p, fd) < 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

void socket_addresses(struct peer_conn *c)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);

	if (getsockname(c->fd, (struct sockaddr *)&ss, &n) == 0)
		addr_from_sockaddr((struct sockaddr *)&ss, &c->local, &c->local_port);
	n = sizeof(ss);
	if (getpeername(c->fd, (struct sockaddr *)&ss, &n) == 0)
		addr_from_sockaddr((struct sockaddr *)&ss, &c->remote, &c->remote_port);
}

int socket_set_md5(int fd, const struct prefix *peer, const char *password)
{
	struct addr base = prefix_addr(peer);
	bool host = peer->len == (peer->family == FAMILY_IPV6 ? 128 : 32);
	struct tcp_md5sig sig = {0};
	size_t len = password ? strlen(password) : 0;

	if (len > TCP_MD5SIG_MAXKEYLEN)
		return EINVAL;
	addr_to_sockaddr(&base, 0, 0, &sig.tcpm_addr);
	if (!host) {
		sig.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
		sig.tcpm_prefixlen = peer->len;
	}
	sig.tcpm_keylen = (uint16_t)len;
	if (len)
		memcpy(sig.tcpm_key, password, len);
	if (setsockopt(fd, IPPROTO_TCP, host ? TCP_MD5SIG : TCP_MD5SIG_EXT, &sig, sizeof(sig)) == 0)
		return 0;
	return !password && errno == ENOENT ? 0 : errno;
}

void socket_tcp_info(int fd, uint32_t *rtt_ms, uint32_t *mss)
{
	struct tcp_info info;
	socklen_t n = sizeof(info);
	int value = 0;

	*rtt_ms = *mss = 0;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) == 0)
		*rtt_ms = info.tcpi_rtt / 1000;
	n = sizeof(value);
	if (getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &value, &n) == 0 && value > 0)
		*mss = (uint32_t)value;
}
