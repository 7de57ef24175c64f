// The module has a libstdc++ of its own, which keeps memory for exceptions until it is told to give it back.
// Programs that load and unload modules would lose it each time.

namespace __gnu_cxx {
void __freeres();  // NOLINT(bugprone-reserved-identifier): libstdc++'s, of GCC 7 and later; in no header
}

namespace {

[[gnu::destructor]] void free_exception_memory() {
    __gnu_cxx::__freeres();
}

}  // namespace
