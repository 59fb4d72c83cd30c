/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passwords are compared in time that depends on the stored one only; the hash is crypt(3)'s
 * SHA-512, which FRR's own crypt(3) understands too, so a saved file can go back to FRR. A hash
 * that an FRR made (DES) is understood as well.
 */
#include "vty/access.h"

#include <crypt.h>
#include <string.h>

#include "lib/file.h"
#include "lib/mem.h"
#include "vty/frame.h"

static const char method[] = "$6$";

void vty_access_init(struct vty_access *a)
{
	*a = (struct vty_access){.timeout = VTY_TIMEOUT, .length = -1};
}

void vty_access_fini(struct vty_access *a)
{
	mem_free(a->login.text);
	mem_free(a->enable.text);
	mem_free(a->motd_text);
}

void vty_password_set(struct vty_password *p, const char *text, bool hashed)
{
	mem_free(p->text);
	p->text = mem_strdup(text);
	p->hashed = hashed;
}

unsigned vty_timeout(const struct vty_access *a, bool logged_in)
{
	if (logged_in || (a->timeout && a->timeout < VTY_GUEST_TIMEOUT))
		return a->timeout;
	return VTY_GUEST_TIMEOUT;
}

static bool same(const char *stored, const char *typed)
{
	size_t n = strlen(stored), m = strlen(typed);
	unsigned char differ = n != m;

	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(stored[i] ^ typed[m ? i % m : 0]);
	return !differ;
}

/* The hash of `plain` made as `setting` was; NULL: it cannot be made. data is the room it needs. */
static const char *hash_with(const char *plain, const char *setting, struct crypt_data *data)
{
	const char *made;

	if (strlen(plain) > VTY_HASHED_MAX)
		return NULL;
	made = crypt_r(plain, setting, data);
	return made && made[0] != '*' ? made : NULL;
}

bool vty_password_matches(const struct vty_password *p, const char *typed)
{
	struct crypt_data *data;
	const char *made;
	bool ok;

	if (!p->text)
		return false;
	if (!p->hashed)
		return same(p->text, typed);
	data = mem_zalloc(sizeof(*data));
	made = hash_with(typed, p->text, data);
	ok = made && same(p->text, made);
	explicit_bzero(data, sizeof(*data)); /* it holds what was typed */
	mem_free(data);
	return ok;
}

bool vty_password_hash(const char *plain, const struct vty_password *like, struct sb *to)
{
	struct crypt_data *data;
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *made;

	if (like && like->hashed && vty_password_matches(like, plain)) {
		sb_add(to, like->text);
		return true;
	}
	if (!crypt_gensalt_rn(method, 0, NULL, 0, setting, sizeof(setting)))
		return false;
	data = mem_zalloc(sizeof(*data));
	made = hash_with(plain, setting, data);
	if (made)
		sb_add(to, made);
	explicit_bzero(data, sizeof(*data)); /* it holds what was typed */
	mem_free(data);
	return made != NULL;
}

static void add_file(const char *path, struct sb *to)
{
	char *text = file_read(path);

	if (!text) {
		sb_add(to, FRAME_GREETING);
		return;
	}
	sb_add(to, text);
	if (*text && text[strlen(text) - 1] != '\n')
		sb_addc(to, '\n');
	mem_free(text);
}

void vty_greeting(const struct vty_access *a, struct sb *to)
{
	switch (a->motd) {
	case MOTD_NONE:
		break;
	case MOTD_LINE:
		sb_fmt(to, "%s\n", a->motd_text);
		break;
	case MOTD_FILE:
		add_file(a->motd_text, to);
		break;
	case MOTD_DEFAULT:
		sb_add(to, FRAME_GREETING);
		break;
	}
}
