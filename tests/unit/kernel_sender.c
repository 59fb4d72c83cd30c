/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bgpd/kernel/sender: the thread, over a pair of sockets in the kernel's place. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgpd/kernel/sender.h"
#include "lib/clock.h"

static void push(struct sender *s, uint8_t text)
{
	struct packet *p = sender_packet(s);

	cr_assert_eq(p->bytes, 0);
	p->bytes = 4096;
	memset(p->out, text, p->bytes);
	sender_push(s, p);
}

Test(kernel_sender, sends_in_order_while_the_reader_is_slow)
{
	enum { PACKETS = 200 };
	uint8_t in[8192];
	int fd[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);

	struct sender *s = sender_new(fd[0]);

	for (unsigned i = 0; i < PACKETS; i++)
		push(s, (uint8_t)i); /* far more than the sockets hold: nobody waits */
	for (unsigned i = 0; i < PACKETS; i++) {
		cr_assert_eq(recv(fd[1], in, sizeof(in), 0), 4096);
		cr_assert_eq(in[0], i);
		cr_assert_eq(in[4095], i);
	}
	sender_wait(s);
	sender_free(s);
	close(fd[0]);
	close(fd[1]);
}

Test(kernel_sender, waits_for_the_last_one)
{
	uint8_t in[8192];
	int fd[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);

	struct sender *s = sender_new(fd[0]);

	sender_wait(s); /* there is none */
	for (unsigned i = 0; i < 50; i++) {
		push(s, 'x');
		sender_wait(s);
		cr_assert_eq(recv(fd[1], in, sizeof(in), MSG_DONTWAIT), 4096);
	}
	sender_free(s);
	close(fd[0]);
	close(fd[1]);
}

Test(kernel_sender, ends_though_the_kernel_takes_nothing)
{
	int fd[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	close(fd[1]); /* every send fails */

	struct sender *s = sender_new(fd[0]);
	uint64_t start = clock_ms();

	push(s, 'x');
	push(s, 'y');
	usleep(150 * 1000);
	sender_free(s); /* frees both: the sanitizer knows */
	cr_expect_lt(clock_ms() - start, 5000u);
	close(fd[0]);
}
