#include "ssh/message.h"

namespace signet::ssh {
namespace {

Bytes framed(MessageType type, ByteView contents) {
    WireWriter writer;
    writer.number(static_cast<std::uint32_t>(contents.size() + 1));
    writer.octet(static_cast<std::uint8_t>(type));
    Bytes message = writer.take();
    message.insert(message.end(), contents.begin(), contents.end());
    return message;
}

}  // namespace

Result<SignRequest> parse_sign_request(ByteView contents) {
    WireReader reader(contents);
    SignRequest request;
    request.key = reader.string();
    request.data = reader.string();
    request.flags = reader.number();
    if (!reader.complete()) {
        return failure(ErrorCode::malformed, "sign request");
    }
    return request;
}

Result<ExtensionRequest> parse_extension_request(ByteView contents) {
    WireReader reader(contents);
    ExtensionRequest request;
    request.name = reader.text();
    request.contents = reader.rest();
    if (!reader.complete()) {
        return failure(ErrorCode::malformed, "extension");
    }
    return request;
}

Bytes encode_status(MessageType type) {
    return framed(type, {});
}

Bytes encode_identities(const std::vector<OfferedKey>& keys) {
    WireWriter writer;
    writer.number(static_cast<std::uint32_t>(keys.size()));
    for (const OfferedKey& key : keys) {
        writer.string(key.blob);
        writer.string(key.comment);
    }
    return framed(MessageType::identities_answer, writer.take());
}

Bytes encode_signature(ByteView signature) {
    WireWriter writer;
    writer.string(signature);
    return framed(MessageType::sign_response, writer.take());
}

Bytes encode_query_answer() {
    WireWriter writer;
    for (const std::string_view text : {query_extension, query_extension, session_bind_extension}) {
        writer.string(text);
    }
    return framed(MessageType::extension_response, writer.take());
}

}  // namespace signet::ssh
