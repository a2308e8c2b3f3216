/* syncd.exe: starts the Python that lies beside it, on nothing but what lies beside it.

   python311._pth beside python311.dll names the only directories that modules come from, and leaves the environment and
   the registry unread. Names of documents and what is printed are UTF-8 whatever the code page. */
#include <stdlib.h>
#include <wchar.h>

__declspec(dllimport) int Py_Main(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv) {
    static wchar_t *first[] = {L"-I", L"-X", L"utf8", L"-m", L"syncd"};
    const int more = sizeof first / sizeof *first;
    wchar_t **all = calloc(argc + more + 1, sizeof *all);
    if (!all) return 1;
    all[0] = argv[0];
    for (int n = 0; n < more; n++) all[1 + n] = first[n];
    for (int n = 1; n < argc; n++) all[more + n] = argv[n];
    return Py_Main(argc + more, all);
}
