#include "smime/gmime_library.h"

#include <dlfcn.h>

#include <mutex>
#include <stdexcept>

namespace signet::smime {

#define SIGNET_DEFINE_FUNCTION(name) decltype(&::name) name = nullptr;
SIGNET_GMIME_FUNCTIONS(SIGNET_DEFINE_FUNCTION)
#undef SIGNET_DEFINE_FUNCTION

namespace {

constexpr const char* library_name = "libgmime-3.0.so.0";

[[noreturn]] void fail() {
    const char* reason = dlerror();
    throw std::runtime_error(reason != nullptr ? reason : library_name);
}

// Finds what the libraries behind GMime define, too.
template <class Function>
void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr) {
        fail();
    }
}

// It stays loaded: GObject's types cannot be taken back.
void load() {
    void* const library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        fail();
    }
#define SIGNET_FIND_FUNCTION(name) find(library, #name, name);
    SIGNET_GMIME_FUNCTIONS(SIGNET_FIND_FUNCTION)
#undef SIGNET_FIND_FUNCTION
    g_mime_init();
}

}  // namespace

void initialise_gmime() {
    static std::once_flag once;
    std::call_once(once, load);
}

}  // namespace signet::smime
