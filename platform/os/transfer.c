/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libcurl's multi interface: it says which descriptors and which time it waits for, the loop tells
 * it when they come, and what has ended is taken from it after each such call.  Mails have a thread
 * each: where libcurl speaks SMTP it waits for the answers to a body and to QUIT, whatever the
 * interface.
 */
#include "platform/os/transfer.h"

#include "platform/base/list.h"
#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/loop.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 16L

struct transfers {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct list all;
};

struct transfer {
	struct list node;
	struct transfers *owner;
	CURL *easy;
	struct curl_slist *headers, *to;
	/* mails only */
	bool threaded;
	pthread_t thread;
	int done_fd; /* eventfd: the thread has ended; -1: none */
	curl_socket_t fd;
	CURLcode code;
	atomic_bool cancelled;
	char *body;
	size_t len, sent, answered;
	char error[CURL_ERROR_SIZE];
	transfer_done_fn *done;
	void *arg;
};

/* ---- One transfer ---------------------------------------------------------------------------- */

/* The thread of a mail has ended, or there is none. */
static void transfer_free(struct transfer *t)
{
	if (t->done_fd >= 0) {
		loop_fd_remove(t->owner->loop, t->done_fd);
		close(t->done_fd);
	}
	if (t->easy != NULL) {
		if (!t->threaded)
			(void)curl_multi_remove_handle(t->owner->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->to);
	list_remove(&t->node);
	free(t->body);
	free(t);
}

/* What receivers answer is of no interest, and not without end. */
static size_t on_answer(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;

	(void)data;
	t->answered += size * count;
	return t->answered > TRANSFER_ANSWER_MAX ? 0 : size * count;
}

static size_t on_upload(char *buf, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = t->len - t->sent < size * count ? t->len - t->sent : size * count;

	memcpy(buf, t->body + t->sent, n);
	t->sent += n;
	return n;
}

static bool add_list(struct curl_slist **list, const char *const *items, size_t max)
{
	for (size_t i = 0; i < max && items[i] != NULL; i++) {
		struct curl_slist *longer = curl_slist_append(*list, items[i]);

		if (longer == NULL)
			return false;
		*list = longer;
	}
	return true;
}

/* Results of the options that every transfer has, or'ed: CURLE_OK is 0. */
static unsigned set_common(struct transfer *t, const struct transfer_request *r)
{
	CURL *c = t->easy;
	unsigned bad = 0;

	bad |= curl_easy_setopt(c, CURLOPT_URL, r->url);
	bad |= curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	bad |= curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
	bad |= curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* A name server that hangs must not be waited for when time is over. */
	bad |= curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	bad |= curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)TRANSFER_CONNECT_MS);
	bad |= curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)TRANSFER_TOTAL_MS);
	bad |= curl_easy_setopt(c, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_answer);
	bad |= curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	if (r->ca_file != NULL)
		bad |= curl_easy_setopt(c, CURLOPT_CAINFO, r->ca_file);
	return bad;
}

static unsigned set_post(struct transfer *t)
{
	unsigned bad = 0;

	bad |= curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(t->easy, CURLOPT_USERAGENT, "ikesh/" IKESH_VERSION);
	bad |= curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	bad |= curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE, (long)t->len);
	bad |= curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->body);
	return bad;
}

/* libcurl copies the password; ours is wiped. */
static unsigned set_login(struct transfer *t, const struct transfer_request *r)
{
	size_t len = r->password == NULL ? 0 : r->password->len;
	char *text = mem_zalloc(len + 1);
	unsigned bad = 0;

	if (len != 0)
		memcpy(text, r->password->data, len);
	bad |= curl_easy_setopt(t->easy, CURLOPT_USERNAME, r->user);
	bad |= curl_easy_setopt(t->easy, CURLOPT_PASSWORD, text);
	bytes_wipe(text, len);
	free(text);
	return bad;
}

static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	struct transfer *t = arg;

	(void)purpose;
	t->fd = fd;
	return CURL_SOCKOPT_OK;
}

/* Behind QUIT libcurl waits for the answer, up to two minutes: there is none to wait for when the
 * connection has no end that reads. */
static int on_said(CURL *easy, curl_infotype type, char *data, size_t size, void *arg)
{
	const struct transfer *t = arg;

	(void)easy;
	if (type == CURLINFO_HEADER_OUT && size >= 4 && memcmp(data, "QUIT", 4) == 0)
		(void)shutdown(t->fd, SHUT_RDWR);
	return 0;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t total_up,
		       curl_off_t now_up)
{
	struct transfer *t = arg;

	(void)total;
	(void)now;
	(void)total_up;
	(void)now_up;
	return atomic_load(&t->cancelled) ? 1 : 0;
}

static unsigned set_ends(struct transfer *t)
{
	unsigned bad = 0;

	bad |= curl_easy_setopt(t->easy, CURLOPT_NOPROGRESS, 0L);
	bad |= curl_easy_setopt(t->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	bad |= curl_easy_setopt(t->easy, CURLOPT_XFERINFODATA, t);

	bad |= curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L); /* QUIT comes here, not later */
	bad |= curl_easy_setopt(t->easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	bad |= curl_easy_setopt(t->easy, CURLOPT_SOCKOPTDATA, t);
	bad |= curl_easy_setopt(t->easy, CURLOPT_VERBOSE, 1L);
	bad |= curl_easy_setopt(t->easy, CURLOPT_DEBUGFUNCTION, on_said);
	bad |= curl_easy_setopt(t->easy, CURLOPT_DEBUGDATA, t);
	return bad;
}

static unsigned set_mail(struct transfer *t, const struct transfer_request *r)
{
	unsigned bad = 0;

	bad |= curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	bad |= curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, r->from);
	bad |= curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, t->to);
	/* One mailbox that is gone must not keep the others from hearing. */
	bad |= curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	bad |= curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
	bad |= curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_upload);
	bad |= curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
	bad |= curl_easy_setopt(t->easy, CURLOPT_INFILESIZE, (long)t->len);
	bad |= set_ends(t);
	if (r->starttls)
		bad |= curl_easy_setopt(t->easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if (r->user != NULL)
		bad |= set_login(t, r);
	return bad;
}

/* ---- Ends ------------------------------------------------------------------------------------ */

static void result_of(const struct transfer *t, CURLcode code, struct transfer_result *out)
{
	const char *text = t->error[0] != '\0' ? t->error : curl_easy_strerror(code);
	bool endless = code == CURLE_WRITE_ERROR && t->answered > TRANSFER_ANSWER_MAX;
	long status = 0, errnum = 0;

	memset(out, 0, sizeof(*out));
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &errnum);
	out->ok = (code == CURLE_OK || endless) && status >= 200 && status < 300;
	if (out->ok)
		return;
	if (code == CURLE_OK || endless)
		snprintf(out->text, sizeof(out->text), "it answers with status %ld", status);
	else if (code == CURLE_USE_SSL_FAILED)
		snprintf(out->text, sizeof(out->text), "it does not offer STARTTLS");
	else if (code == CURLE_COULDNT_CONNECT && errnum != 0)
		snprintf(out->text, sizeof(out->text), "it cannot be connected: %s",
			 strerrordesc_np((int)errnum));
	else
		snprintf(out->text, sizeof(out->text), "%s", text);
}

static void reap(struct transfers *o)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(o->multi, &left)) != NULL) {
		struct transfer_result result;
		struct transfer *t = NULL;
		transfer_done_fn *done;
		void *arg;

		if (m->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t) != CURLE_OK)
			continue;
		result_of(t, m->data.result, &result);
		done = t->done;
		arg = t->arg;
		transfer_free(t);
		done(arg, &result);
	}
}

/* ---- Beginnings -------------------------------------------------------------------------------
 */

static void *perform(void *arg)
{
	struct transfer *t = arg;
	const uint64_t one = 1;

	t->code = curl_easy_perform(t->easy);
	(void)!write(t->done_fd, &one, sizeof(one));
	return NULL;
}

static void on_ended(void *arg, int fd, unsigned events)
{
	struct transfer *t = arg;
	transfer_done_fn *done = t->done;
	struct transfer_result result;
	void *done_arg = t->arg;

	(void)fd;
	(void)events;
	(void)pthread_join(t->thread, NULL);
	result_of(t, t->code, &result);
	transfer_free(t);
	if (done != NULL)
		done(done_arg, &result);
}

/* Signals are the main thread's. */
static bool start_thread(struct transfer *t)
{
	sigset_t all, before;
	bool well;

	t->threaded = true;
	t->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->done_fd < 0 || loop_fd_add(t->owner->loop, t->done_fd, LOOP_READ, on_ended, t) != 0)
		return false;
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	well = pthread_create(&t->thread, NULL, perform, t) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return well;
}

struct transfer *transfer_start(struct transfers *owner, const struct transfer_request *r,
				transfer_done_fn *done, void *arg)
{
	struct transfer *t = mem_zalloc(sizeof(*t));
	bool well;

	t->owner = owner;
	t->done_fd = -1;
	t->fd = CURL_SOCKET_BAD;
	t->done = done;
	t->arg = arg;
	t->body = mem_zalloc(r->body_len + 1);
	memcpy(t->body, r->body, r->body_len);
	t->len = r->body_len;
	list_append(&owner->all, &t->node);
	t->easy = curl_easy_init();
	well = t->easy != NULL && add_list(&t->headers, r->headers, TRANSFER_HEADERS) &&
	       add_list(&t->to, r->to, TRANSFER_TO) && set_common(t, r) == 0 &&
	       (r->from == NULL ? set_post(t) : set_mail(t, r)) == 0 &&
	       (r->from == NULL ? curl_multi_add_handle(owner->multi, t->easy) == CURLM_OK
				: start_thread(t));
	if (well)
		return t;
	transfer_free(t);
	return NULL;
}

void transfer_cancel(struct transfer *t)
{
	if (t == NULL)
		return;
	if (!t->threaded) {
		transfer_free(t);
		return;
	}
	t->done = NULL; /* on_ended lets go of it */
	atomic_store(&t->cancelled, true);
}

/* ---- The loop -------------------------------------------------------------------------------- */

static void on_ready(void *arg, int fd, unsigned events)
{
	struct transfers *o = arg;
	int mask = 0, running;

	if ((events & LOOP_READ) != 0)
		mask |= CURL_CSELECT_IN;
	if ((events & LOOP_WRITE) != 0)
		mask |= CURL_CSELECT_OUT;
	if ((events & LOOP_HANGUP) != 0)
		mask |= CURL_CSELECT_IN | CURL_CSELECT_ERR;
	(void)curl_multi_socket_action(o->multi, fd, mask, &running);
	reap(o);
}

static void on_time(void *arg)
{
	struct transfers *o = arg;
	int running;

	(void)curl_multi_socket_action(o->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(o);
}

/* watched: not NULL when the loop knows the socket. */
static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watched)
{
	struct transfers *o = arg;
	unsigned events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watched != NULL)
			loop_fd_remove(o->loop, fd);
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= LOOP_READ;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= LOOP_WRITE;
	if (watched != NULL)
		return loop_fd_change(o->loop, fd, events) == 0 ? 0 : -1;
	if (loop_fd_add(o->loop, fd, events, on_ready, o) != 0)
		return -1;
	return curl_multi_assign(o->multi, fd, o) == CURLM_OK ? 0 : -1;
}

static int want_time(CURLM *multi, long timeout_ms, void *arg)
{
	struct transfers *o = arg;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_cancel(o->loop, &o->timer);
	else
		loop_timer_set(o->loop, &o->timer, loop_clock_ms() + (uint64_t)timeout_ms);
	return 0;
}

struct transfers *transfers_new(struct loop *loop, struct err_msg *e)
{
	struct transfers *o;
	unsigned bad = 0;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		(void)err_set(e, ERR_SYSTEM, "libcurl cannot be initialised");
		return NULL;
	}
	o = mem_zalloc(sizeof(*o));
	o->loop = loop;
	o->timer = (struct loop_timer){.fn = on_time, .arg = o};
	list_init(&o->all);
	o->multi = curl_multi_init();
	if (o->multi != NULL) {
		bad |= (unsigned)curl_multi_setopt(o->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
		bad |= (unsigned)curl_multi_setopt(o->multi, CURLMOPT_SOCKETDATA, o);
		bad |= (unsigned)curl_multi_setopt(o->multi, CURLMOPT_TIMERFUNCTION, want_time);
		bad |= (unsigned)curl_multi_setopt(o->multi, CURLMOPT_TIMERDATA, o);
		bad |= (unsigned)curl_multi_setopt(o->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
						   CONNECTIONS_MAX);
	}
	if (o->multi != NULL && bad == 0)
		return o;
	(void)err_set(e, ERR_SYSTEM, "libcurl cannot be initialised");
	transfers_free(o);
	return NULL;
}

void transfers_free(struct transfers *o)
{
	struct list *node, *after;

	if (o == NULL)
		return;
	list_for_each(node, after, &o->all)
		atomic_store(&container_of(node, struct transfer, node)->cancelled, true);
	list_for_each(node, after, &o->all)
	{
		struct transfer *t = container_of(node, struct transfer, node);

		if (t->threaded) /* a second at most */
			(void)pthread_join(t->thread, NULL);
		transfer_free(t);
	}
	if (o->multi != NULL)
		(void)curl_multi_cleanup(o->multi);
	loop_timer_cancel(o->loop, &o->timer);
	curl_global_cleanup();
	free(o);
}

/* ---- Addresses ------------------------------------------------------------------------------- */

int transfer_check_url(const char *url, struct err_msg *e)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL;
	int r = 0;

	if (u == NULL || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK || host[0] == '\0' ||
	    (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
		r = err_set(e, ERR_INVALID, "allowed is https://HOST[:PORT]/PATH, or http://");
	else if (curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK)
		r = err_set(e, ERR_INVALID,
			    "a name or password in front of the host is not used; see notify "
			    "signing-secret");
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(u);
	return r;
}

const char *transfer_url_name(const char *url, char *buf, size_t size)
{
	const char *host = strstr(url, "://");
	size_t len = host == NULL ? strlen(url) : (size_t)(host - url) + 3;

	len += strcspn(url + len, "/?#");
	snprintf(buf, size, "%.*s%s", (int)len, url,
		 url[len] == '\0' || strcmp(url + len, "/") == 0 ? "" : "/...");
	return buf;
}
