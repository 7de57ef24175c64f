#include "host/readers_service.h"

#include "base/bytes.h"
#include "ipc/codec.h"
#include "ipc/readers.h"
#include "piv/reader_watch.h"

namespace signet::host {
namespace {

ipc::ReadersReply to_wire(const piv::ReaderReport& report) {
    ipc::ReadersReply reply{.readers = {}, .failure = report.failure};
    for (const piv::ReaderState& reader : report.readers) {
        reply.readers.push_back({.name = printable_utf8(reader.name),
                                 .card_present = reader.card_present && !reader.card_mute,
                                 .event_count = reader.event_count});
    }
    return reply;
}

}  // namespace

Result<std::string> answer_readers_call(const ipc::IncomingCall& incoming) {
    const std::string_view method =
        std::string_view(incoming.call.method).substr(ipc::readers_interface.size() + 1);
    if (method != "WatchReaders") {
        return failure(ErrorCode::method_not_found, "call", incoming.call.method);
    }
    SIGNET_CHECK(ipc::decode_no_parameters(incoming.call.parameters));
    if (!incoming.call.more) {
        return failure(ErrorCode::unsupported, "WatchReaders", "WatchReaders without \"more\"");
    }
    SIGNET_CHECK(piv::watch_readers([&incoming](const piv::ReaderReport& report) {
        return incoming.reply_more(ipc::encode(to_wire(report)));
    }));
    return ipc::encode(ipc::ReadersReply{});
}

}  // namespace signet::host
