#include "ipc/readers.h"

#include "ipc/field_reader.h"
#include "ipc/writer.h"

namespace signet::ipc {
namespace {

std::string encode_reader(const Reader& reader) {
    Writer writer;
    writer.text("name", reader.name);
    writer.boolean("card_present", reader.card_present);
    writer.number("event_count", reader.event_count);
    return writer.finish();
}

Reader read_reader(FieldReader& fields) {
    Reader reader;
    reader.name = fields.text("name");
    reader.card_present = fields.boolean("card_present");
    reader.event_count = fields.uint32("event_count");
    return reader;
}

}  // namespace

std::string encode(const ReadersReply& reply) {
    Writer writer;
    writer.raw("readers", encode_array(reply.readers, [](std::string& out, const Reader& reader) {
                   out += encode_reader(reader);
               }));
    if (reply.failure) {
        writer.text("failure", *reply.failure);
    }
    return writer.finish();
}

Result<ReadersReply> decode_readers_reply(const Parameters& parameters) {
    FieldReader fields = reply_reader(parameters);
    ReadersReply reply;
    fields.array("readers", [&reply](const boost::json::value& element) {
        return read_object(element,
                           [&reply](FieldReader& inner) { reply.readers.push_back(read_reader(inner)); });
    });
    reply.failure = fields.optional_text("failure");
    SIGNET_CHECK(fields.finish());
    return reply;
}

}  // namespace signet::ipc
