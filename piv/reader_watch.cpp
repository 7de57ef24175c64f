#include "piv/reader_watch.h"

#include "piv/pcscd_socket.h"

namespace signet::piv {
namespace {

struct Connected {
    PcscContext context;
    std::vector<ReaderState> readers;
};

Result<Connected> connect() {
    SIGNET_TRY(auto context, PcscContext::establish());
    SIGNET_TRY(auto readers, context.readers());
    return Connected{.context = std::move(context), .readers = std::move(readers)};
}

// The socket is watched before each attempt: a pcscd that comes in between is not missed.
Result<Connected> wait_for_pcscd(const ReaderReporter& report) {
    for (bool reported = false;;) {
        SIGNET_TRY(auto socket, PcscdSocketWatch::begin());
        auto connected = connect();
        if (connected) {
            return connected;
        }
        if (!reported) {
            SIGNET_CHECK(report({.readers = {}, .failure = connected.error().detail}));
            reported = true;
        }
        SIGNET_CHECK(socket.wait());
    }
}

bool reader_is_gone(const Error& error) {
    return error.code == ErrorCode::token_removed;
}

// Reports until pcscd goes, and gives why. An error is the reporter's.
Result<std::string> report_changes(Connected connected, const ReaderReporter& report) {
    std::optional<std::vector<ReaderState>> reported;
    for (;;) {
        if (reported != connected.readers) {
            SIGNET_CHECK(report({.readers = connected.readers, .failure = std::nullopt}));
            reported = connected.readers;
        }
        const auto changed = connected.context.wait_for_change(connected.readers);
        if (!changed && !reader_is_gone(changed.error())) {
            return changed.error().detail;
        }
        auto readers = connected.context.readers();
        if (!readers) {
            return readers.error().detail;
        }
        connected.readers = std::move(*readers);
    }
}

}  // namespace

Result<void> watch_readers(const ReaderReporter& report) {
    for (;;) {
        SIGNET_TRY(auto connected, wait_for_pcscd(report));
        SIGNET_TRY(auto end, report_changes(std::move(connected), report));
        SIGNET_CHECK(report({.readers = {}, .failure = std::move(end)}));
    }
}

}  // namespace signet::piv
