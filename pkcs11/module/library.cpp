#include "pkcs11/module/library.h"

#include <pthread.h>

#include <array>
#include <cstddef>

namespace signet::module {
namespace {

using LibraryPointer = std::shared_ptr<Library>;

std::mutex library_mutex;
// Never destroyed: programs call the module from exit handlers and destructors of their own, which may run
// after the module's.
alignas(LibraryPointer) std::array<std::byte, sizeof(LibraryPointer)> library_storage;
LibraryPointer& library = *new (&library_storage) LibraryPointer;  // guarded by library_mutex

// What a program did not finalise. Runs behind all exit handlers, and at dlclose().
[[gnu::destructor]] void release_library() {
    const std::lock_guard lock(library_mutex);
    library.reset();
}

// All locks are held across fork(), in this order, so that the child finds everything whole.
void before_fork() {
    library_mutex.lock();
    if (library != nullptr) {
        library->lock_for_fork();
    }
}

void after_fork_in_parent() {
    if (library != nullptr) {
        library->unlock_after_fork();
    }
    library_mutex.unlock();
}

// The connections belong to the parent: answers to its calls must not end up here.
void after_fork_in_child() {
    if (library != nullptr) {
        library->connections.close_inherited();
        library->unlock_after_fork();
        library.reset();
    }
    library_mutex.unlock();
}

void watch_forks() {
    static std::once_flag watching;
    std::call_once(watching, [] { pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); });
}

}  // namespace

const Environment& Library::environment() {
    std::call_once(m_environment_read, [this] { m_environment = current_environment(); });
    return m_environment;
}

void Library::end() {
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
    }
    m_end.notify_all();
    connections.end_calls();
}

bool Library::ended() {
    const std::lock_guard lock(m_mutex);
    return m_ended;
}

void Library::wait_for_end(std::chrono::milliseconds time) {
    std::unique_lock lock(m_mutex);
    m_end.wait_for(lock, time, [this] { return m_ended; });
}

void Library::lock_for_fork() {
    m_mutex.lock();
    inventory.lock_for_fork();
    sessions.lock_for_fork();
    connections.lock_for_fork();
}

void Library::unlock_after_fork() {
    connections.unlock_after_fork();
    sessions.unlock_after_fork();
    inventory.unlock_after_fork();
    m_mutex.unlock();
}

std::shared_ptr<Library> current_library() {
    const std::lock_guard lock(library_mutex);
    return library;
}

CK_RV initialize_library() {
    watch_forks();
    const std::lock_guard lock(library_mutex);
    if (library != nullptr) {
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    }
    library = std::make_shared<Library>();
    return CKR_OK;
}

CK_RV finalize_library() {
    std::shared_ptr<Library> ending;
    {
        const std::lock_guard lock(library_mutex);
        ending.swap(library);
    }
    if (ending == nullptr) {
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    }
    ending->end();
    return CKR_OK;
}

}  // namespace signet::module
