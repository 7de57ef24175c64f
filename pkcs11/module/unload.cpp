// The module has a libstdc++ of its own, which keeps memory for exceptions until it is told to give it back.
// Programs that load and unload modules would lose it each time.

// In no header of GCC's.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the names are libstdc++'s
namespace __gnu_cxx {
void __freeres();
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace {

[[gnu::destructor]] void free_exception_memory() {
    __gnu_cxx::__freeres();
}

}  // namespace
