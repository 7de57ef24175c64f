#include "cli/openssl_start.h"

#include <openssl/evp.h>
#include <pthread.h>

#include <csignal>
#include <system_error>

namespace signet::cli {

OpensslStart::OpensslStart() {
#ifndef __SANITIZE_ADDRESS__
    // LeakSanitizer's tracer of gcc 12 ends with a signal now and then where a thread has come and gone.

    // Signals are for the thread that knows what to clean up.
    sigset_t all{};
    sigset_t before{};
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    try {
        m_thread.emplace([] { EVP_CIPHER_free(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)); });
    } catch (const std::system_error&) {
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
#endif
}

OpensslStart::~OpensslStart() {
    if (m_thread) {
        m_thread->join();
    }
}

}  // namespace signet::cli
