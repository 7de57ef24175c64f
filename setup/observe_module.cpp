#include "setup/doctor.h"
#include "setup/subprocess.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace signet::setup {
namespace {

constexpr auto patience = std::chrono::seconds(5);

// CK_RV C_GetFunctionList(CK_FUNCTION_LIST **)
using GetFunctionList = unsigned long (*)(void**);

const char* try_module(const char* path) {
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return dlerror();
    }
    void* function = dlsym(library, "C_GetFunctionList");
    if (function == nullptr) {
        return "it has no C_GetFunctionList";
    }
    void* list = nullptr;
    return reinterpret_cast<GetFunctionList>(function)(&list) == 0 && list != nullptr
               ? ""
               : "C_GetFunctionList fails";
}

// In the child. Whatever the module says on its own goes nowhere.
[[noreturn]] void report_module(const char* path, int report) {
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(nothing, standard);
    }
    const char* failure = try_module(path);
    const bool told = write(report, failure, std::strlen(failure)) >= 0;
    _exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
}

}  // namespace

// A module runs code of its own as soon as it is loaded: never in this process.
std::string module_failure(const std::filesystem::path& module) {
    auto pipe = make_pipe();
    if (!pipe) {
        return pipe.error().detail;
    }
    const std::string path = module.string();
    const pid_t pid = fork();
    if (pid < 0) {
        return errno_error("fork", {}, errno).detail;
    }
    if (pid == 0) {
        report_module(path.c_str(), pipe->write_end.get());
    }
    Child child(pid);
    pipe->write_end.close();
    std::array streams{Stream{std::move(pipe->read_end), {}}};
    if (const auto read = read_all(streams, "the module", patience); !read) {
        return read.error().detail;
    }
    const int status = child.wait();
    return status == 0 ? streams[0].text
                       : "it ends the program that loads it, with status " + std::to_string(status);
}

}  // namespace signet::setup
