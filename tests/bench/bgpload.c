/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bgpload: many BGP speakers against one router, for `make bench`. Options say who speaks and what
 * is announced, commands on standard input what happens: up, announce, withdraw, close FIRST LAST,
 * open, churn RATE SECONDS, settle, wait SECONDS, stall SPEAKER SECONDS, stats, quit. Each but
 * stall and quit answers with one line of JSON when it is done. Sessions are kept up in between.
 */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/load.h"

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct load *l = arg;

	(void)what;
	ssize_t n = read(fd, l->input + l->input_len, sizeof(l->input) - l->input_len);
	if (n <= 0) {
		event_del(l->ev_stdin);
		l->ended = true; /* once what was asked for is done */
	} else {
		l->input_len += (size_t)n;
	}
}

static struct addr address(const char *text)
{
	struct addr a;

	if (addr_parse(text, &a))
		return a;
	fprintf(stderr, "bgpload: %s is no address\n", text);
	exit(2);
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	if (prefix_parse(text, &p))
		return p;
	fprintf(stderr, "bgpload: %s is no prefix\n", text);
	exit(2);
}

static uint32_t number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!*end && *text)
		return (uint32_t)n;
	fprintf(stderr, "bgpload: %s is no number\n", text);
	exit(2);
}

static const struct option long_options[] = {
    {"router", required_argument, NULL, 'r'},
    {"router6", required_argument, NULL, '7'},
    {"first", required_argument, NULL, 'f'},
    {"router-as", required_argument, NULL, 'a'},
    {"as", required_argument, NULL, 'A'},
    {"port", required_argument, NULL, 'p'},
    {"hold", required_argument, NULL, 'h'},
    {"seed", required_argument, NULL, 'x'},
    {"ipv4", required_argument, NULL, '4'},
    {"ipv6", required_argument, NULL, '6'},
    {"senders", required_argument, NULL, 's'},
    {"receivers", required_argument, NULL, 'R'},
    {"mesh", required_argument, NULL, 'm'},
    {"each", required_argument, NULL, 'e'},
    {"timeout", required_argument, NULL, 't'},
    {"settle", required_argument, NULL, 'q'},
    {"foreign", required_argument, NULL, 'F'},
    {"direct", no_argument, NULL, 'd'},
    {0},
};

static bool take_option(struct options *o, int c)
{
	uint32_t *const numbers[128] = {['a'] = &o->router_as,
	    ['A'] = &o->as,
	    ['4'] = &o->ipv4,
	    ['6'] = &o->ipv6,
	    ['s'] = &o->senders,
	    ['R'] = &o->receivers,
	    ['m'] = &o->mesh,
	    ['e'] = &o->each};

	if (c > 0 && c < 128 && numbers[c])
		*numbers[c] = number(optarg);
	else if (c == 'r')
		o->router = address(optarg);
	else if (c == '7')
		o->router6 = address(optarg);
	else if (c == 'f')
		o->first = address(optarg);
	else if (c == 'p')
		o->port = (uint16_t)number(optarg);
	else if (c == 'h')
		o->hold = (uint16_t)number(optarg);
	else if (c == 'x')
		o->seed = number(optarg);
	else if (c == 't')
		o->timeout = strtod(optarg, NULL);
	else if (c == 'q')
		o->settle = strtod(optarg, NULL);
	else if (c == 'F')
		o->foreign = prefix(optarg);
	else if (c == 'd')
		o->direct = true;
	else
		return false;
	return true;
}

static void read_options(int argc, char **argv, struct options *o)
{
	*o = (struct options){.router = address("10.99.0.1"),
	    .router6 = address("fd99::a63:1"),
	    .first = address("10.99.64.1"),
	    .first6 = address("fd99::a63:4001"),
	    .port = 179,
	    .hold = 180,
	    .router_as = 65000,
	    .as = 4200000000u,
	    .seed = 1,
	    .senders = 1,
	    .receivers = 1,
	    .each = 4,
	    .timeout = 120,
	    .settle = 0.3};
	for (int c; (c = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
		if (!take_option(o, c))
			exit(2);
	if (o->direct)
		o->senders = o->receivers = 1;
	if (o->senders > SHARED_SENDERS_MAX || o->senders < 1) {
		fprintf(stderr, "bgpload: at most %d senders\n", SHARED_SENDERS_MAX);
		exit(2);
	}
	o->cluster = addr_to_ipv4(&o->router);
}

/* Sender and receiver on the two ends of a pair of sockets. */
static void connect_directly(struct load *l)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		abort();
	l->connecting = 2;
	speaker_attach(&l->speakers[0], fds[0]);
	speaker_attach(&l->speakers[1], fds[1]);
}

int main(int argc, char **argv)
{
	struct rlimit most;
	struct options o;
	struct load l;

	read_options(argc, argv, &o);
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &most);
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
	load_init(&l, &o);
	if (o.direct)
		connect_directly(&l);
	l.ev_stdin = event_new(l.env.base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, &l);
	event_add(l.ev_stdin, NULL);
	printf("{\"event\":\"ready\",\"prefixes\":%u,\"runs\":%u}\n", l.table.count,
	    l.table.run_count);
	fflush(stdout);
	event_base_dispatch(l.env.base);
	event_free(l.ev_stdin);
	struct event_base *base = l.env.base;
	load_fini(&l);
	event_base_free(base);
	return 0;
}
