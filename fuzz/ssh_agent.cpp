// What a client of the SSH agent sends, one message after another, and the certificates and public keys of
// tokens.
#include "base/log.h"
#include "ssh/certificate_usage.h"
#include "ssh/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace signet;

// There is no agent behind it: requests end where they would ask for the tokens.
bool prepare() {
    setenv("SIGNET_SOCKET", "", 1);
    log::set_level(log::Level::error);
    return true;
}

void serve(ByteView input) {
    auto pair = make_socket_pair();
    if (!pair || send(pair->first.get(), input.data(), input.size(), MSG_DONTWAIT) < 0) {
        return;
    }
    shutdown(pair->first.get(), SHUT_WR);
    ssh::Connection(std::move(pair->second), getpid(), ssh::Access::full, [] {
        return std::make_shared<const ssh::Settings>();
    }).serve();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool prepared = prepare();
    (void)prepared;
    const ByteView input(data, size);
    serve(input);
    (void)ssh::permits_authentication(input);
    (void)ssh::public_key_blob(input);
    return 0;
}
