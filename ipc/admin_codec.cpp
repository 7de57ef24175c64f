#include "ipc/admin_codec.h"

#include "ipc/environment_fields.h"
#include "ipc/field_reader.h"
#include "ipc/writer.h"

namespace signet::ipc {
namespace {

namespace json = boost::json;

// The two ways of going through the fields of a call, for visit_fields().
class ReadFields {
  public:
    explicit ReadFields(FieldReader& reader) : m_reader(reader) {}

    void text(std::string_view name, std::string& value) { value = m_reader.text(name); }
    void optional_text(std::string_view name, std::string& value) {
        value = m_reader.optional_text(name).value_or("");
    }
    void octets(std::string_view name, Bytes& value) { value = m_reader.octets(name); }
    void optional_octets(std::string_view name, Bytes& value) {
        value = m_reader.has(name) ? m_reader.octets(name) : Bytes();
    }
    void number(std::string_view name, std::uint32_t& value) { value = m_reader.uint32(name); }
    void flag(std::string_view name, bool& value) { value = m_reader.has(name) && m_reader.boolean(name); }
    template <class Enum>
    void enumerator(std::string_view name, Enum& value) {
        value = m_reader.enumerator<Enum>(name, from_name<Enum>);
    }
    template <class Enum>
    void required(std::string_view name, std::optional<Enum>& value) {
        value = m_reader.optional_enumerator<Enum>(name, from_name<Enum>, true);
    }
    template <class Enum>
    void optional(std::string_view name, std::optional<Enum>& value) {
        value = m_reader.optional_enumerator<Enum>(name, from_name<Enum>);
    }
    void secret(AdminSecret secret, PassedSecrets& passed) {
        passed[secret] = m_reader.optional_uint32(name_of(secret));
    }
    void environment(std::optional<Environment>& value) { value = read_environment(m_reader); }

  private:
    FieldReader& m_reader;
};

class WriteFields {
  public:
    explicit WriteFields(Writer& writer) : m_writer(writer) {}

    void text(std::string_view name, const std::string& value) { m_writer.text(name, value); }
    void optional_text(std::string_view name, const std::string& value) {
        if (!value.empty()) {
            m_writer.text(name, value);
        }
    }
    void octets(std::string_view name, const Bytes& value) { m_writer.octets(name, value); }
    void optional_octets(std::string_view name, const Bytes& value) {
        if (!value.empty()) {
            m_writer.octets(name, value);
        }
    }
    void number(std::string_view name, std::uint32_t value) { m_writer.number(name, value); }
    void flag(std::string_view name, bool value) {
        if (value) {
            m_writer.boolean(name, value);
        }
    }
    template <class Enum>
    void enumerator(std::string_view name, Enum value) {
        m_writer.plain(name, name_of(value));
    }
    template <class Enum>
    void required(std::string_view name, const std::optional<Enum>& value) {
        optional(name, value);
    }
    template <class Enum>
    void optional(std::string_view name, const std::optional<Enum>& value) {
        if (value) {
            m_writer.plain(name, name_of(*value));
        }
    }
    void secret(AdminSecret secret, const PassedSecrets& passed) {
        if (passed[secret]) {
            m_writer.number(name_of(secret), *passed[secret]);
        }
    }
    void environment(const std::optional<Environment>& value) { write_environment(m_writer, value); }

  private:
    Writer& m_writer;
};

template <class Call, class Fields>
void visit_placement(Call& call, Fields& fields) {
    fields.optional_text("slot", call.slot);
    fields.optional("pin_policy", call.pin_policy);
    fields.optional("touch_policy", call.touch_policy);
    fields.optional_text("label", call.label);
    fields.flag("overwrite", call.overwrite);
}

template <class Call, class Fields>
void visit_secrets_only(Call& call, Fields& fields) {
    switch (call.method) {
        case AdminMethod::change_pin:
            fields.enumerator("kind", call.kind);
            fields.secret(AdminSecret::old_pin, call.secrets);
            fields.secret(AdminSecret::new_pin, call.secrets);
            return;
        case AdminMethod::unblock_pin:
            fields.secret(AdminSecret::unblocking, call.secrets);
            fields.secret(AdminSecret::new_pin, call.secrets);
            return;
        case AdminMethod::set_management_key:
            fields.required("algorithm", call.management_algorithm);
            fields.secret(AdminSecret::new_key, call.secrets);
            fields.flag("touch", call.touch);
            return;
        case AdminMethod::protect_management_key:
            fields.secret(AdminSecret::pin, call.secrets);
            fields.required("algorithm", call.management_algorithm);
            fields.flag("touch", call.touch);
            return;
        case AdminMethod::set_retries:
            fields.secret(AdminSecret::pin, call.secrets);
            fields.number("pin_tries", call.pin_tries);
            fields.number("unblocking_tries", call.unblocking_tries);
            return;
        default:
            return;
    }
}

template <class Call, class Fields>
void visit_keys_and_objects(Call& call, Fields& fields) {
    switch (call.method) {
        case AdminMethod::generate_key:
            fields.required("algorithm", call.algorithm);
            visit_placement(call, fields);
            return;
        case AdminMethod::import_key:
            fields.secret(AdminSecret::pkcs12, call.secrets);
            fields.secret(AdminSecret::password, call.secrets);
            fields.secret(AdminSecret::private_key, call.secrets);
            fields.optional_octets("certificate", call.certificate);
            visit_placement(call, fields);
            return;
        case AdminMethod::store_certificate:
            fields.text("slot", call.slot);
            fields.octets("certificate", call.certificate);
            fields.flag("overwrite", call.overwrite);
            return;
        case AdminMethod::move_key:
            fields.text("slot", call.slot);
            fields.text("target", call.target);
            return;
        case AdminMethod::delete_certificate:
        case AdminMethod::delete_key:
        case AdminMethod::attest:
            fields.text("slot", call.slot);
            return;
        case AdminMethod::get_object:
            fields.text("object", call.object);
            return;
        case AdminMethod::put_object:
            fields.text("object", call.object);
            fields.octets("content", call.content);
            return;
        default:
            return;
    }
}

// Every field of the call, in the order of the interface file.
template <class Call, class Fields>
void visit_fields(Call& call, Fields& fields) {
    fields.optional_text("token", call.token);
    if (wants_authorization(call.method)) {
        fields.secret(AdminSecret::authorization, call.secrets);
    }
    if (takes_pin_to_unlock(call.method)) {
        fields.secret(AdminSecret::pin, call.secrets);
    }
    visit_secrets_only(call, fields);
    visit_keys_and_objects(call, fields);
    if (may_want_unlocking(call.method)) {
        fields.environment(call.environment);
    }
}

template <class Enum>
void write_optional(Writer& writer, std::string_view name, const std::optional<Enum>& value) {
    if (value) {
        writer.plain(name, name_of(*value));
    }
}

void write_optional(Writer& writer, std::string_view name, const std::optional<bool>& value) {
    if (value) {
        writer.boolean(name, *value);
    }
}

void write_optional(Writer& writer, std::string_view name, const Bytes& value) {
    if (!value.empty()) {
        writer.octets(name, value);
    }
}

std::string encode_slot(const SlotDetails& slot) {
    Writer writer;
    writer.text("slot", slot.slot);
    write_optional(writer, "algorithm", slot.algorithm);
    write_optional(writer, "public_key_info", slot.public_key_info);
    write_optional(writer, "certificate", slot.certificate);
    write_optional(writer, "pin_policy", slot.pin_policy);
    write_optional(writer, "touch_policy", slot.touch_policy);
    write_optional(writer, "origin", slot.origin);
    if (slot.unclaimed) {
        writer.boolean("unclaimed", true);
    }
    return writer.finish();
}

void write_pin(Writer& writer, std::string_view name, const PinDetails& pin) {
    writer.begin_object(name);
    if (pin.tries_left) {
        writer.number("tries_left", *pin.tries_left);
    }
    if (pin.tries_total) {
        writer.number("tries_total", *pin.tries_total);
    }
    write_optional(writer, "is_default", pin.is_default);
    writer.end_object();
}

std::string encode_details(const TokenDetails& details) {
    Writer token;
    token.text("id", details.id);
    token.text("model", details.model);
    token.text("serial", details.serial);
    token.text("firmware", details.firmware);
    token.text("application", details.application);
    token.text("reader", details.reader);
    token.text("guid", details.guid);
    token.text("expiration_date", details.expiration_date);
    token.plain("authorization", name_of(details.authorization));
    write_optional(token, "management_algorithm", details.management_algorithm);
    write_optional(token, "management_key_is_default", details.management_key_is_default);
    write_pin(token, "pin", details.pin);
    write_pin(token, "unblocking", details.unblocking);
    token.boolean("pin_pad", details.pin_pad);
    token.boolean("moves_keys", details.moves_keys);
    token.raw("slots", encode_array(details.slots, [](std::string& out, const SlotDetails& slot) {
                  out += encode_slot(slot);
              }));
    Writer writer;
    writer.raw("token", token.finish());
    return writer.finish();
}

std::optional<bool> read_optional_boolean(FieldReader& reader, std::string_view name) {
    return reader.has(name) ? std::optional(reader.boolean(name)) : std::nullopt;
}

SlotDetails read_slot(FieldReader& reader) {
    SlotDetails slot;
    slot.slot = reader.text("slot");
    slot.algorithm = reader.optional_enumerator<KeyAlgorithm>("algorithm", from_name<KeyAlgorithm>);
    slot.public_key_info = reader.optional_octets("public_key_info").value_or(Bytes());
    slot.certificate = reader.optional_octets("certificate").value_or(Bytes());
    slot.pin_policy = reader.optional_enumerator<KeyPinPolicy>("pin_policy", from_name<KeyPinPolicy>);
    slot.touch_policy = reader.optional_enumerator<KeyTouchPolicy>("touch_policy", from_name<KeyTouchPolicy>);
    slot.origin = reader.optional_enumerator<KeyOrigin>("origin", from_name<KeyOrigin>);
    slot.unclaimed = reader.has("unclaimed") && reader.boolean("unclaimed");
    return slot;
}

PinDetails read_pin(FieldReader& parent, std::string_view name) {
    PinDetails pin;
    const json::object* object = parent.optional_object(name);
    if (object == nullptr) {
        parent.wrong(name);
        return pin;
    }
    FieldReader reader(*object, FieldReader::Unknown::ignored);
    pin.tries_left = reader.optional_uint32("tries_left");
    pin.tries_total = reader.optional_uint32("tries_total");
    pin.is_default = read_optional_boolean(reader, "is_default");
    if (!reader.finish()) {
        parent.wrong(name);
    }
    return pin;
}

TokenDetails read_details(FieldReader& reader) {
    TokenDetails details;
    details.id = reader.text("id");
    details.model = reader.text("model");
    details.serial = reader.text("serial");
    details.firmware = reader.text("firmware");
    details.application = reader.text("application");
    details.reader = reader.text("reader");
    details.guid = reader.text("guid");
    details.expiration_date = reader.text("expiration_date");
    details.authorization = reader.enumerator<Authorization>("authorization", from_name<Authorization>);
    details.management_algorithm = reader.optional_enumerator<ManagementAlgorithm>(
        "management_algorithm", from_name<ManagementAlgorithm>);
    details.management_key_is_default = read_optional_boolean(reader, "management_key_is_default");
    details.pin = read_pin(reader, "pin");
    details.unblocking = read_pin(reader, "unblocking");
    details.pin_pad = reader.has("pin_pad") && reader.boolean("pin_pad");
    details.moves_keys = reader.has("moves_keys") && reader.boolean("moves_keys");
    reader.array("slots", [&details](const json::value& element) {
        return read_object(element,
                           [&details](FieldReader& inner) { details.slots.push_back(read_slot(inner)); });
    });
    return details;
}

Result<TokenDetails> decode_details(FieldReader& reader) {
    TokenDetails details;
    if (const json::object* object = reader.optional_object("token")) {
        FieldReader inner(*object, FieldReader::Unknown::ignored);
        details = read_details(inner);
        SIGNET_CHECK(inner.finish());
    } else {
        reader.wrong("token");
    }
    SIGNET_CHECK(reader.finish());
    return details;
}

Attestation read_attestation(FieldReader& reader) {
    Attestation attestation;
    reader.array("certificates", [&attestation](const json::value& element) {
        const json::string* string = element.if_string();
        auto der = from_base64(string != nullptr ? std::string_view(*string) : "?");
        if (der) {
            attestation.certificates.push_back(std::move(*der));
        }
        return der.has_value();
    });
    return attestation;
}

template <class Reply>
Result<AdminReply> finished(FieldReader& reader, Reply reply) {
    SIGNET_CHECK(reader.finish());
    return AdminReply(std::move(reply));
}

struct EncodeReply {
    std::string operator()(std::monostate) const { return "{}"; }
    std::string operator()(const TokenDetails& details) const { return encode_details(details); }
    std::string operator()(const PlacedKey& key) const {
        Writer writer;
        writer.text("slot", key.slot);
        writer.octets("public_key_info", key.public_key_info);
        if (key.was_there) {
            writer.boolean("was_there", true);
        }
        return writer.finish();
    }
    std::string operator()(const Attestation& attestation) const {
        Writer writer;
        writer.raw("certificates",
                   encode_array(attestation.certificates, [](std::string& out, const Bytes& der) {
                       Writer::append_text(out, to_base64(der));
                   }));
        return writer.finish();
    }
    std::string operator()(const ObjectContent& object) const {
        Writer writer;
        writer.octets("content", object.content);
        return writer.finish();
    }
};

}  // namespace

std::optional<AdminMethod> admin_method_named(std::string_view name) {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(AdminMethod::reset); ++i) {
        if (name_of(static_cast<AdminMethod>(i)) == name) {
            return static_cast<AdminMethod>(i);
        }
    }
    return std::nullopt;
}

std::string encode(const AdminCall& call) {
    Writer writer;
    WriteFields fields(writer);
    visit_fields(call, fields);
    return writer.finish();
}

Result<AdminCall> decode_admin_call(AdminMethod method, const Parameters& parameters) {
    FieldReader reader = call_reader(parameters);
    AdminCall call{.method = method};
    ReadFields fields(reader);
    visit_fields(call, fields);
    SIGNET_CHECK(reader.finish());
    return call;
}

std::string encode(const AdminReply& reply) {
    return std::visit(EncodeReply(), reply);
}

Result<AdminReply> decode_admin_reply(AdminMethod method, const Parameters& parameters) {
    FieldReader reader = reply_reader(parameters);
    switch (method) {
        case AdminMethod::show: {
            SIGNET_TRY(auto details, decode_details(reader));
            return AdminReply(std::move(details));
        }
        case AdminMethod::generate_key:
        case AdminMethod::import_key: {
            PlacedKey key{.slot = reader.text("slot"),
                          .public_key_info = reader.octets("public_key_info"),
                          .was_there = reader.has("was_there") && reader.boolean("was_there")};
            return finished(reader, std::move(key));
        }
        case AdminMethod::attest: {
            auto attestation = read_attestation(reader);
            return finished(reader, std::move(attestation));
        }
        case AdminMethod::get_object: {
            ObjectContent object{.content = reader.octets("content")};
            return finished(reader, std::move(object));
        }
        default:
            return AdminReply();
    }
}

}  // namespace signet::ipc
