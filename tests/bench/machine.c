/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's own limits, beside which a daemon is measured:
 *
 *     machine netlink COUNT GATEWAY   COUNT IPv4 routes into the kernel and out again, BATCH
 * messages a send, an answer to the last of each batch only machine loopback MEGABYTES      as many
 * bytes from one end of a TCP connection to the other machine read MEGABYTES          reads that
 * each need the one before, in so much memory
 */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"

enum { BATCH = 256, FIRST = 0x14000000, PROTOCOL = 250 };

struct route_message {
	struct nlmsghdr head;
	struct rtmsg route;
	struct rtattr dst_head;
	uint32_t dst;
	struct rtattr gate_head;
	uint32_t gate;
};

/* ---- netlink ---- */

static void fill(struct route_message *m, uint32_t i, uint32_t gate, bool add)
{
	*m = (struct route_message){
	    .head = {.nlmsg_len = sizeof(*m),
		.nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE,
		.nlmsg_flags = NLM_F_REQUEST | (add ? NLM_F_CREATE | NLM_F_REPLACE : 0),
		.nlmsg_seq = i},
	    .route = {.rtm_family = AF_INET,
		.rtm_dst_len = 24,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = PROTOCOL,
		.rtm_type = RTN_UNICAST},
	    .dst_head = {sizeof(struct rtattr) + 4, RTA_DST},
	    .dst = htonl(FIRST + (i << 8)),
	    .gate_head = {sizeof(struct rtattr) + 4, RTA_GATEWAY},
	    .gate = gate,
	};
}

/* Reads answers up to that of message `last`; exits if one is an error. */
static void await(int fd, uint32_t last)
{
	char answer[16384];

	for (bool seen = false; !seen;) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		int left = (int)n;

		if (n <= 0)
			exit(1);
		for (struct nlmsghdr *h = (struct nlmsghdr *)answer; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			const struct nlmsgerr *e = NLMSG_DATA(h);

			if (h->nlmsg_type == NLMSG_ERROR && e->error) {
				fprintf(stderr, "netlink_batch: %s\n", strerror(-e->error));
				exit(1);
			}
			seen |= h->nlmsg_seq == last;
		}
	}
}

static double run(int fd, uint32_t count, uint32_t gate, bool add)
{
	struct route_message *batch = mem_zalloc(BATCH * sizeof(*batch));
	uint64_t start = clock_ns();

	for (uint32_t i = 0; i < count;) {
		uint32_t n = 0;

		while (n < BATCH && i < count)
			fill(&batch[n++], i++, gate, add);
		batch[n - 1].head.nlmsg_flags |= NLM_F_ACK;
		if (send(fd, batch, n * sizeof(*batch), 0) < 0)
			exit(1);
		await(fd, i - 1);
	}
	mem_free(batch);
	return (double)(clock_ns() - start) * 1e-9;
}

static int netlink(uint32_t count, const char *gateway)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), size = 4 << 20;
	uint32_t gate;

	if (fd < 0 || inet_pton(AF_INET, gateway, &gate) != 1)
		return 2;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	double add_s = run(fd, count, gate, true);
	printf("{\"add_s\":%.4f,\"del_s\":%.4f}\n", add_s, run(fd, count, gate, false));
	close(fd);
	return 0;
}

/* ---- TCP over the loopback interface ---- */

static int loopback_pair(int fds[2])
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&a, len) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) < 0 ||
	    connect(fds[0], (struct sockaddr *)&a, len) < 0)
		return -1;
	fds[1] = accept(listener, NULL, NULL);
	close(listener);
	return fds[1] < 0 ? -1 : 0;
}

/* By turns in one thread, so that the figure is one core's time for both ends. */
static int loopback(size_t bytes)
{
	static char block[64 * 1024];
	int fds[2];

	if (loopback_pair(fds) < 0)
		return 1;
	uint64_t start = clock_ns();
	for (size_t done = 0; done < bytes;) {
		ssize_t n = send(fds[0], block, sizeof(block), MSG_DONTWAIT);

		while ((n = recv(fds[1], block, sizeof(block), MSG_DONTWAIT)) > 0)
			done += (size_t)n;
	}
	printf("{\"seconds\":%.4f}\n", (double)(clock_ns() - start) * 1e-9);
	return 0;
}

/* ---- memory ---- */

/* A ring through all places in an order that no prefetcher guesses (Sattolo's shuffle). */
static int dependent_reads(uint32_t places)
{
	enum { READS = 5000000 };
	uint32_t *next = mem_alloc(places * sizeof(*next)), at = 0;
	uint64_t state = 1;

	for (uint32_t i = 0; i < places; i++)
		next[i] = i;
	for (uint32_t i = places - 1; i > 0; i--) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		uint32_t j = (uint32_t)((state >> 32) * i >> 32), swap = next[i];
		next[i] = next[j];
		next[j] = swap;
	}
	uint64_t start = clock_ns();
	for (uint32_t i = 0; i < READS; i++)
		at = next[at];
	printf("{\"ns\":%.1f,\"end\":%u}\n", (double)(clock_ns() - start) / READS, at);
	mem_free(next);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	if (argc == 4 && n && !strcmp(argv[1], "netlink"))
		return netlink((uint32_t)n, argv[3]);
	if (argc == 3 && n && !strcmp(argv[1], "loopback"))
		return loopback(n * 1000000);
	if (argc == 3 && n && !strcmp(argv[1], "read"))
		return dependent_reads((uint32_t)(n * 1000000 / sizeof(uint32_t)));
	fprintf(stderr, "usage: machine netlink COUNT GATEWAY | loopback MB | read MB\n");
	return 2;
}
