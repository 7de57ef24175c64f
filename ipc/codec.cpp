#include "ipc/codec.h"

#include "ipc/descriptions.h"
#include "ipc/document.h"
#include "ipc/writer.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <limits>

namespace signet::ipc {
namespace {

namespace json = boost::json;

// Reads the fields of one JSON object. The first wrong field is remembered and every later read is
// harmless, so a decoder reads all its fields and asks finish() once.
class Reader {
  public:
    enum class Unknown { refused, ignored };

    Reader(const json::object& object, Unknown unknown) : m_object(object), m_unknown(unknown) {}

    std::string text(std::string_view name) { return optional_text(name, true).value_or(std::string()); }

    std::optional<std::string> optional_text(std::string_view name, bool required = false) {
        const json::value* value = find(name, required);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (const json::string* string = value->if_string()) {
            return std::string(*string);
        }
        wrong(name);
        return std::nullopt;
    }

    Bytes octets(std::string_view name) { return optional_octets(name, true).value_or(Bytes()); }

    std::optional<Bytes> optional_octets(std::string_view name, bool required = false) {
        const json::value* value = find(name, required);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (const json::string* string = value->if_string()) {
            if (auto bytes = from_base64(*string)) {
                return std::move(*bytes);
            }
        }
        wrong(name);
        return std::nullopt;
    }

    std::optional<std::uint32_t> optional_uint32(std::string_view name) {
        const auto number = optional_number(name);
        if (!number) {
            return std::nullopt;
        }
        if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) {
            wrong(name);
            return std::nullopt;
        }
        return static_cast<std::uint32_t>(*number);
    }

    std::uint32_t uint32(std::string_view name) {
        find(name, true);
        return optional_uint32(name).value_or(0);
    }

    std::optional<std::int64_t> optional_number(std::string_view name, bool required = false) {
        const json::value* value = find(name, required);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (const std::int64_t* number = value->if_int64()) {
            return *number;
        }
        wrong(name);
        return std::nullopt;
    }

    bool boolean(std::string_view name) {
        const json::value* value = find(name, true);
        if (value == nullptr) {
            return false;
        }
        if (const bool* flag = value->if_bool()) {
            return *flag;
        }
        wrong(name);
        return false;
    }

    template <class Enum>
    std::optional<Enum> optional_enumerator(std::string_view name,
                                            std::optional<Enum> (*from)(std::string_view),
                                            bool required = false) {
        const json::value* value = find(name, required);
        if (value == nullptr) {
            return std::nullopt;
        }
        const json::string* string = value->if_string();
        auto found = string != nullptr ? from(*string) : std::nullopt;
        if (!found) {
            wrong(name);
        }
        return found;
    }

    template <class Enum>
    Enum enumerator(std::string_view name, std::optional<Enum> (*from)(std::string_view)) {
        return optional_enumerator(name, from, true).value_or(Enum{});
    }

    // Calls `read_element(value)` for each element; false from it means a wrong element.
    template <class ReadElement>
    void array(std::string_view name, ReadElement read_element) {
        const json::value* value = find(name, true);
        const json::array* elements = value != nullptr ? value->if_array() : nullptr;
        if (elements == nullptr) {
            wrong(name);
            return;
        }
        for (const json::value& element : *elements) {
            if (!read_element(element)) {
                wrong(name);
                return;
            }
        }
    }

    const json::object* optional_object(std::string_view name) {
        const json::value* value = find(name, false);
        if (value == nullptr) {
            return nullptr;
        }
        if (value->if_object() == nullptr) {
            wrong(name);
        }
        return value->if_object();
    }

    bool has(std::string_view name) { return find(name, false) != nullptr; }

    void wrong(std::string_view name) {
        if (m_wrong.empty()) {
            m_wrong = name;
        }
    }

    Result<void> finish() {
        if (m_unknown == Unknown::refused) {
            refuse_unread();
        }
        if (m_wrong.empty()) {
            return {};
        }
        return m_unknown == Unknown::refused
                   ? failure(ErrorCode::invalid_parameter, "parameters", printable_utf8(m_wrong))
                   : failure(ErrorCode::protocol, "reply", "field " + printable_utf8(m_wrong));
    }

  private:
    // No object of the interfaces has so many fields: what lies beyond is not known.
    static constexpr std::ptrdiff_t max_fields = 64;

    void refuse_unread() {
        std::ptrdiff_t index = 0;
        for (const auto& field : m_object) {
            if (index >= max_fields || !m_read.test(static_cast<std::size_t>(index))) {
                wrong(field.key());
                return;
            }
            ++index;
        }
    }

    // Null counts as absent.
    const json::value* find(std::string_view name, bool required) {
        const auto* const position = m_object.find(name);
        if (position == m_object.end()) {
            if (required) {
                wrong(name);
            }
            return nullptr;
        }
        if (const auto index = position - m_object.begin(); index < max_fields) {
            m_read.set(static_cast<std::size_t>(index));
        }
        if (position->value().is_null()) {
            if (required) {
                wrong(name);
            }
            return nullptr;
        }
        return &position->value();
    }

    const json::object& m_object;
    Unknown m_unknown;
    std::bitset<max_fields> m_read;  // by place in m_object
    std::string m_wrong;
};

Reader call_reader(const Parameters& parameters) {
    return {*parameters.document().parameters, Reader::Unknown::refused};
}

Reader reply_reader(const Parameters& parameters) {
    return {*parameters.document().parameters, Reader::Unknown::ignored};
}

template <class Enum, Enum last>
std::optional<Enum> enum_named(std::string_view name) {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
        if (name_of(static_cast<Enum>(i)) == name) {
            return static_cast<Enum>(i);
        }
    }
    return std::nullopt;
}

std::optional<HashAlgorithm> hash_named(std::string_view name) {
    return from_name<HashAlgorithm>(name);
}

std::optional<Environment> read_environment(Reader& parent) {
    const json::object* object = parent.optional_object("environment");
    if (object == nullptr) {
        return std::nullopt;
    }
    Reader reader(*object, Reader::Unknown::refused);
    Environment environment{
        .tty = reader.optional_text("tty").value_or(""),
        .terminal_type = reader.optional_text("terminal_type").value_or(""),
        .display = reader.optional_text("display").value_or(""),
        .wayland_display = reader.optional_text("wayland_display").value_or(""),
        .xauthority = reader.optional_text("xauthority").value_or(""),
        .locale = reader.optional_text("locale").value_or(""),
    };
    if (!reader.finish()) {
        parent.wrong("environment");
    }
    return environment;
}

void write_environment(Writer& writer, const std::optional<Environment>& environment) {
    if (!environment) {
        return;
    }
    const auto field = [&writer](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            writer.text(name, value);
        }
    };
    writer.begin_object("environment");
    field("tty", environment->tty);
    field("terminal_type", environment->terminal_type);
    field("display", environment->display);
    field("wayland_display", environment->wayland_display);
    field("xauthority", environment->xauthority);
    field("locale", environment->locale);
    writer.end_object();
}

KeyUse read_key_use(Reader& reader) {
    KeyUse use;
    use.token = reader.text("token");
    use.key = reader.text("key");
    use.environment = read_environment(reader);
    use.pin = reader.optional_uint32("pin");
    return use;
}

void write_key_use(Writer& writer, const KeyUse& use) {
    writer.text("token", use.token);
    writer.text("key", use.key);
    write_environment(writer, use.environment);
    if (use.pin) {
        writer.number("pin", *use.pin);
    }
}

void write_hash(Writer& writer, std::string_view name, const std::optional<HashAlgorithm>& hash) {
    if (hash) {
        writer.plain(name, name_of(*hash));
    }
}

// A JSON array of what `encode_element(out, element)` appends.
template <class Range, class EncodeElement>
std::string encode_array(const Range& range, EncodeElement encode_element) {
    std::string out = "[";
    for (const auto& element : range) {
        if (out.size() > 1) {
            out += ',';
        }
        encode_element(out, element);
    }
    out += ']';
    return out;
}

template <class Range>
std::string encode_names(const Range& range) {
    return encode_array(range,
                        [](std::string& out, auto element) { Writer::append_text(out, name_of(element)); });
}

std::string encode_key(const Key& key) {
    Writer writer;
    writer.text("id", key.id);
    writer.plain("type", name_of(key.type));
    writer.number("bits", key.bits);
    if (!key.curve.empty()) {
        writer.text("curve", key.curve);
    }
    writer.octets("public_key_info", key.public_key_info);
    writer.text("label", key.label);
    writer.octets("object_id", key.object_id);
    writer.raw("signature_schemes", encode_names(key.signature_schemes));
    writer.raw("decryption_schemes", encode_names(key.decryption_schemes));
    writer.boolean("derive", key.derive);
    writer.boolean("login_required", key.login_required);
    writer.boolean("always_authenticate", key.always_authenticate);
    writer.boolean("touch", key.touch);
    return writer.finish();
}

std::string encode_certificate(const Certificate& certificate) {
    Writer writer;
    writer.octets("der", certificate.der);
    writer.text("label", certificate.label);
    writer.octets("object_id", certificate.object_id);
    if (!certificate.key.empty()) {
        writer.text("key", certificate.key);
    }
    writer.text("subject", certificate.subject);
    writer.raw("emails", encode_array(certificate.emails, [](std::string& out, const std::string& email) {
                   Writer::append_text(out, email);
               }));
    writer.text("not_before", certificate.not_before);
    writer.text("not_after", certificate.not_after);
    return writer.finish();
}

enum class Side { agent, host };

std::string encode_token(const Token& token, Side side) {
    Writer writer;
    writer.text("id", token.id);
    writer.text("label", token.label);
    writer.text("manufacturer", token.manufacturer);
    writer.text("model", token.model);
    writer.text("serial", token.serial);
    writer.boolean("login_required", token.login_required);
    writer.boolean("pin_pad", token.pin_pad);
    writer.plain("pin", name_of(token.pin));
    if (side == Side::agent) {
        writer.text("module", token.module);
        if (token.slot) {
            writer.number("slot", *token.slot);
        }
        writer.boolean("unlocked", token.unlocked);
    }
    writer.raw("keys",
               encode_array(token.keys, [](std::string& out, const Key& key) { out += encode_key(key); }));
    writer.raw("certificates", encode_array(token.certificates, [](std::string& out, const Certificate& c) {
                   out += encode_certificate(c);
               }));
    return writer.finish();
}

std::string encode_tokens(const std::vector<Token>& tokens, Side side) {
    return encode_array(tokens,
                        [side](std::string& out, const Token& token) { out += encode_token(token, side); });
}

// Runs `read(reader)` over the element when it is an object; false when it is not or something in it is
// wrong.
template <class Read>
bool read_object(const json::value& element, Read read) {
    const json::object* object = element.if_object();
    if (object == nullptr) {
        return false;
    }
    Reader reader(*object, Reader::Unknown::ignored);
    read(reader);
    return reader.finish().has_value();
}

template <class Enum>
void read_names(Reader& reader, std::string_view name, std::vector<Enum>& out) {
    reader.array(name, [&out](const json::value& element) {
        const json::string* string = element.if_string();
        if (string == nullptr) {
            return false;
        }
        // A scheme that a newer agent knows and this client does not is of no use here.
        if (const auto found = from_name<Enum>(*string)) {
            out.push_back(*found);
        }
        return true;
    });
}

Key read_key(Reader& reader) {
    Key key;
    key.id = reader.text("id");
    key.type = reader.enumerator<KeyType>("type", from_name<KeyType>);
    key.bits = reader.uint32("bits");
    key.curve = reader.optional_text("curve").value_or("");
    key.public_key_info = reader.octets("public_key_info");
    key.label = reader.text("label");
    key.object_id = reader.octets("object_id");
    read_names(reader, "signature_schemes", key.signature_schemes);
    read_names(reader, "decryption_schemes", key.decryption_schemes);
    key.derive = reader.boolean("derive");
    key.login_required = reader.boolean("login_required");
    key.always_authenticate = reader.boolean("always_authenticate");
    key.touch = reader.boolean("touch");
    return key;
}

Certificate read_certificate(Reader& reader) {
    Certificate certificate;
    certificate.der = reader.octets("der");
    certificate.label = reader.text("label");
    certificate.object_id = reader.octets("object_id");
    certificate.key = reader.optional_text("key").value_or("");
    certificate.subject = reader.text("subject");
    reader.array("emails", [&certificate](const json::value& element) {
        const json::string* string = element.if_string();
        if (string != nullptr) {
            certificate.emails.emplace_back(*string);
        }
        return string != nullptr;
    });
    certificate.not_before = reader.text("not_before");
    certificate.not_after = reader.text("not_after");
    return certificate;
}

Token read_token(Reader& reader, Side side) {
    Token token;
    token.id = reader.text("id");
    token.label = reader.text("label");
    token.manufacturer = reader.text("manufacturer");
    token.model = reader.text("model");
    token.serial = reader.text("serial");
    token.login_required = reader.boolean("login_required");
    token.pin_pad = reader.boolean("pin_pad");
    token.pin = reader.enumerator<PinState>("pin", enum_named<PinState, PinState::not_set>);
    if (side == Side::agent) {
        token.module = reader.text("module");
        token.slot = reader.optional_uint32("slot");
        token.unlocked = reader.boolean("unlocked");
    }
    reader.array("keys", [&token](const json::value& element) {
        return read_object(element, [&token](Reader& inner) { token.keys.push_back(read_key(inner)); });
    });
    reader.array("certificates", [&token](const json::value& element) {
        return read_object(
            element, [&token](Reader& inner) { token.certificates.push_back(read_certificate(inner)); });
    });
    return token;
}

std::vector<Token> read_tokens(Reader& reader, Side side) {
    std::vector<Token> tokens;
    reader.array("tokens", [&tokens, side](const json::value& element) {
        return read_object(element,
                           [&tokens, side](Reader& inner) { tokens.push_back(read_token(inner, side)); });
    });
    return tokens;
}

}  // namespace

std::optional<std::string_view> interface_description(std::string_view interface) {
    if (interface == agent_interface) {
        return agent_description;
    }
    if (interface == token_interface) {
        return token_description;
    }
    if (interface == service_interface) {
        return service_description;
    }
    return std::nullopt;
}

std::string encode(const SignCall& call) {
    Writer writer;
    write_key_use(writer, call.use);
    writer.plain("scheme", name_of(call.scheme));
    write_hash(writer, "hash", call.hash);
    writer.octets(call.data_is_message ? "message" : "digest", call.data);
    write_hash(writer, "mask_hash", call.mask_hash);
    if (call.salt_length) {
        writer.number("salt_length", *call.salt_length);
    }
    return writer.finish();
}

std::string encode(const DecryptCall& call) {
    Writer writer;
    write_key_use(writer, call.use);
    writer.plain("scheme", name_of(call.scheme));
    writer.octets("ciphertext", call.ciphertext);
    write_hash(writer, "hash", call.hash);
    write_hash(writer, "mask_hash", call.mask_hash);
    if (!call.label.empty()) {
        writer.octets("label", call.label);
    }
    return writer.finish();
}

std::string encode(const DeriveCall& call) {
    Writer writer;
    write_key_use(writer, call.use);
    writer.octets("public_key", call.public_key);
    write_hash(writer, "kdf_hash", call.kdf_hash);
    if (!call.shared_info.empty()) {
        writer.octets("shared_info", call.shared_info);
    }
    if (call.length) {
        writer.number("length", *call.length);
    }
    return writer.finish();
}

std::string encode(const UnlockCall& call) {
    Writer writer;
    if (call.token) {
        writer.text("token", *call.token);
    }
    if (call.pin) {
        writer.number("pin", *call.pin);
    }
    write_environment(writer, call.environment);
    return writer.finish();
}

std::string encode(const LockCall& call) {
    Writer writer;
    if (call.token) {
        writer.text("token", *call.token);
    }
    return writer.finish();
}

std::string encode(const LoginCall& call) {
    Writer writer;
    writer.text("token", call.token);
    if (call.pin) {
        writer.number("pin", *call.pin);
    }
    return writer.finish();
}

std::string encode(const Inventory& inventory) {
    Writer writer;
    writer.number("generation", inventory.generation);
    if (inventory.tokens) {
        writer.raw("tokens", encode_tokens(*inventory.tokens, Side::agent));
        writer.raw("failures", encode_array(inventory.failures,
                                            [](std::string& out, const ModuleFailure& module_failure) {
                                                Writer element;
                                                element.text("module", module_failure.module);
                                                element.text("detail", module_failure.detail);
                                                out += element.finish();
                                            }));
    }
    return writer.finish();
}

std::string encode(const HostInventory& inventory) {
    Writer writer;
    writer.raw("tokens", encode_tokens(inventory.tokens, Side::host));
    writer.boolean("waits_for_events", inventory.waits_for_events);
    writer.boolean("one_at_a_time", inventory.one_at_a_time);
    return writer.finish();
}

std::string encode(const WatchReply& reply) {
    Writer writer;
    writer.number("generation", reply.generation);
    if (reply.change) {
        Writer change;
        change.plain("kind", name_of(reply.change->kind));
        change.text("token", reply.change->token);
        writer.raw("change", change.finish());
    }
    return writer.finish();
}

std::string encode_known_generation(std::optional<std::int64_t> generation) {
    Writer writer;
    if (generation) {
        writer.number("known_generation", *generation);
    }
    return writer.finish();
}

std::string encode_octets(std::string_view field, ByteView octets) {
    Writer writer;
    writer.octets(field, octets);
    return writer.finish();
}

std::string encode_description(std::string_view description) {
    Writer writer;
    writer.text("description", description);
    return writer.finish();
}

std::string encode_service_info(std::string_view product, std::string_view interface) {
    Writer writer;
    writer.text("vendor", "signet");
    writer.text("product", product);
    writer.text("version", SIGNET_VERSION);
    writer.text("url", "");
    writer.raw("interfaces",
               encode_array(std::array{service_interface, interface},
                            [](std::string& out, std::string_view name) { Writer::append_text(out, name); }));
    return writer.finish();
}

Result<SignCall> decode_sign_call(const Parameters& parameters) {
    Reader reader = call_reader(parameters);
    SignCall call;
    call.use = read_key_use(reader);
    call.scheme = reader.enumerator<SignatureScheme>("scheme", from_name<SignatureScheme>);
    call.hash = reader.optional_enumerator<HashAlgorithm>("hash", hash_named);
    auto digest = reader.optional_octets("digest");
    auto message = reader.optional_octets("message");
    if (digest.has_value() == message.has_value()) {
        reader.wrong("digest");
    } else {
        call.data_is_message = message.has_value();
        call.data = std::move(message ? *message : *digest);
    }
    call.mask_hash = reader.optional_enumerator<HashAlgorithm>("mask_hash", hash_named);
    call.salt_length = reader.optional_uint32("salt_length");
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<DecryptCall> decode_decrypt_call(const Parameters& parameters) {
    Reader reader = call_reader(parameters);
    DecryptCall call;
    call.use = read_key_use(reader);
    call.scheme = reader.enumerator<DecryptionScheme>("scheme", from_name<DecryptionScheme>);
    call.ciphertext = reader.octets("ciphertext");
    call.hash = reader.optional_enumerator<HashAlgorithm>("hash", hash_named);
    call.mask_hash = reader.optional_enumerator<HashAlgorithm>("mask_hash", hash_named);
    call.label = reader.optional_octets("label").value_or(Bytes());
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<DeriveCall> decode_derive_call(const Parameters& parameters) {
    Reader reader = call_reader(parameters);
    DeriveCall call;
    call.use = read_key_use(reader);
    call.public_key = reader.octets("public_key");
    call.kdf_hash = reader.optional_enumerator<HashAlgorithm>("kdf_hash", hash_named);
    call.shared_info = reader.optional_octets("shared_info").value_or(Bytes());
    call.length = reader.optional_uint32("length");
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<UnlockCall> decode_unlock_call(const Parameters& parameters) {
    Reader reader = call_reader(parameters);
    UnlockCall call;
    call.token = reader.optional_text("token");
    call.pin = reader.optional_uint32("pin");
    call.environment = read_environment(reader);
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<LockCall> decode_lock_call(const Parameters& parameters) {
    Reader reader = call_reader(parameters);
    LockCall call{.token = reader.optional_text("token")};
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<LoginCall> decode_login_call(const Parameters& parameters) {
    Reader reader = call_reader(parameters);
    LoginCall call;
    call.token = reader.text("token");
    call.pin = reader.optional_uint32("pin");
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<std::optional<std::int64_t>> decode_known_generation(const Parameters& parameters) {
    Reader reader = call_reader(parameters);
    const auto generation = reader.optional_number("known_generation");
    SIGNET_CHECK(reader.finish());
    return generation;
}

Result<void> decode_no_parameters(const Parameters& parameters) {
    return call_reader(parameters).finish();
}

Result<std::string> decode_interface_name(const Parameters& parameters) {
    Reader reader = call_reader(parameters);
    std::string name = reader.text("interface");
    SIGNET_CHECK(reader.finish());
    return name;
}

Result<Inventory> decode_inventory(const Parameters& parameters) {
    Reader reader = reply_reader(parameters);
    Inventory inventory;
    inventory.generation = reader.optional_number("generation", true).value_or(0);
    if (reader.has("tokens")) {
        inventory.tokens = read_tokens(reader, Side::agent);
    }
    if (reader.has("failures")) {
        reader.array("failures", [&inventory](const json::value& element) {
            return read_object(element, [&inventory](Reader& inner) {
                inventory.failures.push_back(
                    {.module = inner.text("module"), .detail = inner.text("detail")});
            });
        });
    }
    SIGNET_CHECK(reader.finish());
    return inventory;
}

Result<HostInventory> decode_host_inventory(const Parameters& parameters) {
    Reader reader = reply_reader(parameters);
    HostInventory inventory;
    inventory.tokens = read_tokens(reader, Side::host);
    inventory.waits_for_events = reader.boolean("waits_for_events");
    inventory.one_at_a_time = reader.boolean("one_at_a_time");
    SIGNET_CHECK(reader.finish());
    return inventory;
}

Result<WatchReply> decode_watch_reply(const Parameters& parameters) {
    Reader reader = reply_reader(parameters);
    WatchReply reply;
    reply.generation = reader.optional_number("generation", true).value_or(0);
    if (const json::object* object = reader.optional_object("change")) {
        Reader inner(*object, Reader::Unknown::ignored);
        reply.change = Change{
            .kind = inner.enumerator<ChangeKind>("kind", enum_named<ChangeKind, ChangeKind::pin_blocked>),
            .token = inner.text("token")};
        SIGNET_CHECK(inner.finish());
    }
    SIGNET_CHECK(reader.finish());
    return reply;
}

Result<Bytes> decode_octets(const Parameters& parameters, std::string_view field) {
    Reader reader = reply_reader(parameters);
    Bytes octets = reader.octets(field);
    SIGNET_CHECK(reader.finish());
    return octets;
}

}  // namespace signet::ipc
