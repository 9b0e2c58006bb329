/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stories in their file: what comes back, damaged files, and a disk that is full. */
#include "dataplane/site/story_store.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/run_suite.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/ikesh-story.XXXXXX";
static char path[128];

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/ikesh-story.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/stories.db", dir);
}

static void teardown(void)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

struct found {
	struct story *stories[8];
	size_t count;
	unsigned lyon;
};

static void take_story(void *arg, struct story *s)
{
	struct found *f = arg;

	ck_assert_uint_lt(f->count, ARRAY_LEN(f->stories));
	f->stories[f->count++] = s;
}

static void take_links(void *arg, const char *site, uint8_t known)
{
	struct found *f = arg;

	ck_assert_str_eq(site, "Lyon");
	f->lyon = known;
}

static struct story_store *open_it(bool expect_damage)
{
	struct story_store *t = NULL;
	struct err_msg e = {.text = ""};
	bool damaged;

	ck_assert_msg(story_store_open(path, &t, &damaged, &e) == 0, "%s", e.text);
	ck_assert_int_eq(damaged, expect_damage);
	return t;
}

static void read_it(struct story_store *t, struct found *f)
{
	const struct story_store_reader r = {.arg = f, .story = take_story, .links = take_links};
	struct err_msg e;

	memset(f, 0, sizeof(*f));
	ck_assert_int_eq(story_store_read(t, &r, &e), 0);
}

static void forget(struct found *f)
{
	for (size_t i = 0; i < f->count; i++)
		story_free(f->stories[i]);
}

static struct story *example(uint64_t id)
{
	struct story *s = story_new(STORY_LINK_DOWN, "Lyon", 2);

	s->id = id;
	snprintf(s->link, sizeof(s->link), "vdsl");
	snprintf(s->reason, sizeof(s->reason), "auth-failed");
	s->cause = IKE_CAUSE_PSK_MISMATCH;
	s->began_ms = 1795442402118ULL;
	s->opened_ms = 1795442552118ULL;
	story_add_note(s, 1795442402118ULL, "Lyon primary 2 (vdsl) is down; it's 'quoted'");
	story_add_note(s, 1795442452118ULL, "Lyon primary 2 (vdsl) could not come up");
	return s;
}

static void save(struct story_store *t, struct story *s)
{
	struct err_msg e = {.text = ""};

	ck_assert_int_eq(story_store_begin(t, &e), 0);
	ck_assert_msg(story_store_put(t, s, &e) == 0, "%s", e.text);
	ck_assert_int_eq(story_store_links(t, "Lyon", 0x0a, &e), 0);
	ck_assert_int_eq(story_store_commit(t, &e), 0);
	story_store_saved(s);
}

START_TEST(test_everything_comes_back)
{
	struct story_store *t = open_it(false);
	struct story *s = example(17);
	struct found f;

	save(t, s);
	s->acknowledged_ms = 1795442600000ULL;
	snprintf(s->acknowledged_by, sizeof(s->acknowledged_by), "ops1");
	ck_assert_int_eq(story_add_comment(s, 1795442600001ULL, "ops1", "ISP ticket 4711"), 0);
	story_add_note(s, 1795442700000ULL, "is up");
	s->open = false;
	s->closed_ms = 1795442730000ULL;
	snprintf(s->closing, sizeof(s->closing), "the tunnel is up");
	save(t, s); /* only what is new */
	story_store_close(t);

	t = open_it(false);
	read_it(t, &f);
	ck_assert_uint_eq(f.count, 1);
	ck_assert_uint_eq(f.lyon, 0x0a);
	ck_assert_uint_eq(f.stories[0]->id, 17);
	ck_assert_int_eq(f.stories[0]->kind, STORY_LINK_DOWN);
	ck_assert_str_eq(f.stories[0]->site, "Lyon");
	ck_assert_str_eq(f.stories[0]->link, "vdsl");
	ck_assert_uint_eq(f.stories[0]->slot, 2);
	ck_assert(!f.stories[0]->open);
	ck_assert_uint_eq(f.stories[0]->began_ms, s->began_ms);
	ck_assert_uint_eq(f.stories[0]->opened_ms, s->opened_ms);
	ck_assert_uint_eq(f.stories[0]->closed_ms, s->closed_ms);
	ck_assert_str_eq(f.stories[0]->reason, "auth-failed");
	ck_assert_int_eq(f.stories[0]->cause, IKE_CAUSE_PSK_MISMATCH);
	ck_assert_str_eq(f.stories[0]->closing, "the tunnel is up");
	ck_assert_uint_eq(f.stories[0]->events, 3);
	ck_assert_uint_eq(f.stories[0]->note_count, 3);
	ck_assert_str_eq(f.stories[0]->notes[0].text, s->notes[0].text);
	ck_assert_uint_eq(f.stories[0]->notes[2].wall_ms, 1795442700000ULL);
	ck_assert_str_eq(f.stories[0]->acknowledged_by, "ops1");
	ck_assert_uint_eq(f.stories[0]->comment_count, 1);
	ck_assert_str_eq(f.stories[0]->comments[0].text, "ISP ticket 4711");
	forget(&f);
	story_store_close(t);
	story_free(s);
}
END_TEST

START_TEST(test_notes_in_the_file_are_bounded_too)
{
	struct story_store *t = open_it(false);
	struct story *s = example(1);
	struct found f;

	for (int i = 0; i < 100; i++) {
		story_add_note(s, 1795442700000ULL, "again");
		save(t, s);
	}
	story_store_close(t);
	t = open_it(false);
	read_it(t, &f);
	ck_assert_uint_eq(f.stories[0]->note_count, STORY_NOTES_MAX);
	ck_assert_uint_eq(f.stories[0]->events, 102);
	ck_assert_uint_eq(f.stories[0]->notes[STORY_NOTES_MAX - 1].number, 102);
	forget(&f);
	story_store_close(t);
	story_free(s);
}
END_TEST

START_TEST(test_removed)
{
	struct story_store *t = open_it(false);
	struct story *a = example(1), *b = example(2);
	struct err_msg e;
	struct found f;

	save(t, a);
	save(t, b);
	ck_assert_int_eq(story_store_begin(t, &e), 0);
	ck_assert_int_eq(story_store_remove(t, 1, &e), 0);
	ck_assert_int_eq(story_store_links(t, "Lyon", 0, &e), 0);
	ck_assert_int_eq(story_store_commit(t, &e), 0);
	read_it(t, &f);
	ck_assert_uint_eq(f.count, 1);
	ck_assert_uint_eq(f.stories[0]->id, 2);
	ck_assert_uint_eq(f.lyon, 0);
	forget(&f);
	story_store_close(t);
	story_free(a);
	story_free(b);
}
END_TEST

static void overwrite(const char *with, long from)
{
	FILE *f = fopen(path, "r+e");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, from, SEEK_SET), 0);
	for (int i = 0; i < 4096; i++)
		ck_assert_int_ne(fputc(with[i % (int)strlen(with)], f), EOF);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(test_damaged_file_is_put_aside)
{
	struct story_store *t = open_it(false);
	struct story *s = example(3);
	char aside[160];
	struct found f;

	save(t, s);
	story_store_close(t);
	overwrite("damage", _i * 4096L);
	t = open_it(true);
	read_it(t, &f);
	ck_assert_uint_eq(f.count, 0);
	save(t, s); /* and works again */
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	ck_assert_int_eq(access(aside, F_OK), 0);
	story_store_close(t);
	story_free(s);
}
END_TEST

START_TEST(test_newer_file_is_left_alone)
{
	struct story_store *t = open_it(false);
	struct err_msg e = {.text = ""};
	bool damaged;
	FILE *f;

	story_store_close(t);
	f = fopen(path, "r+e");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 60 + 3, SEEK_SET), 0); /* user version, big endian */
	ck_assert_int_ne(fputc(9, f), EOF);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(story_store_open(path, &t, &damaged, &e), ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(e.text, "newer version"));
}
END_TEST

START_TEST(test_directory_that_is_not_there)
{
	struct story_store *t = NULL;
	struct err_msg e = {.text = ""};
	bool damaged;

	ck_assert_int_eq(story_store_open("/nonexistent/x/stories.db", &t, &damaged, &e),
			 ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "/nonexistent/x/stories.db"));
}
END_TEST

/* A file system of its own, so small that it is full after some stories. */
START_TEST(test_full_disk)
{
	struct story_store *t;
	struct err_msg e = {.text = ""};
	struct found f;
	uint64_t id = 0;
	int r = 0;

	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", dir, "tmpfs", 0, "size=512k") != 0)
		return; /* needs root */
	t = open_it(false);
	while (r == 0 && id < 5000) {
		struct story *s = example(++id);

		r = story_store_begin(t, &e);
		if (r == 0)
			r = story_store_put(t, s, &e);
		if (r == 0)
			r = story_store_commit(t, &e);
		if (r != 0)
			story_store_rollback(t);
		story_free(s);
	}
	ck_assert_int_eq(r, ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "full"));
	ck_assert_int_eq(mount("tmpfs", dir, "tmpfs", MS_REMOUNT, "size=8m"), 0);
	for (uint64_t i = id; i < id + 2; i++) { /* there is room again */
		struct story *s = example(i);

		save(t, s);
		story_free(s);
	}
	story_store_close(t);
	t = NULL;
	ck_assert_int_eq(access(path, F_OK), 0);
	memset(&f, 0, sizeof(f));
	t = open_it(false); /* and undamaged */
	story_store_close(t);
	ck_assert_int_eq(umount(dir), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("story_store");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_everything_comes_back);
	tcase_add_test(c, test_notes_in_the_file_are_bounded_too);
	tcase_add_test(c, test_removed);
	tcase_add_loop_test(c, test_damaged_file_is_put_aside, 0, 3);
	tcase_add_test(c, test_newer_file_is_left_alone);
	tcase_add_test(c, test_directory_that_is_not_there);
	tcase_add_test(c, test_full_disk);
	suite_add_tcase(s, c);
	return run_suite(s);
}
