/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main of a fuzz target without libFuzzer: each file of the folders that are named, once. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void play(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	n = fread(data, 1, sizeof(data), f);
	(void)fclose(f);
	(void)LLVMFuzzerTestOneInput(data, n);
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		const struct dirent *one;
		char path[4096];

		while (d != NULL && (one = readdir(d)) != NULL) {
			if (one->d_name[0] == '.')
				continue;
			(void)snprintf(path, sizeof(path), "%s/%s", argv[i], one->d_name);
			play(path);
			count++;
		}
		if (d != NULL)
			(void)closedir(d);
	}
	(void)printf("%u seeds\n", count);
	return count == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
