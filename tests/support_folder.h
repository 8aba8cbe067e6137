/* A folder for the files of a test, under the temporary one and away again at its end. */
#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

/* Made and entered; removed with all that is in it. */
void support_folder_enter(void);
void support_folder_leave(void);

const char *support_folder(void);

/* A file of it as text, to be freed; NULL where it is not. */
char *support_text(const char *name);
void support_put_text(const char *name, const char *text);

/* How many of its files have a name that ends so ("": any), and those of a folder in it. */
int support_count(const char *end);
int support_count_in(const char *inner, const char *end);

/* Removes its files, and a folder in it where there is one. */
void support_remove_files(void);
void support_remove_folder(const char *inner);

#endif
