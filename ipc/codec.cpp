#include "ipc/codec.h"

#include "ipc/admin_codec.h"
#include "ipc/descriptions.h"
#include "ipc/desktop.h"
#include "ipc/environment_fields.h"
#include "ipc/field_reader.h"
#include "ipc/readers.h"
#include "ipc/writer.h"

#include <algorithm>

namespace signet::ipc {
namespace {

namespace json = boost::json;

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

KeyUse read_key_use(FieldReader& reader) {
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

Asking read_asking(FieldReader& reader) {
    return {.confirm = reader.has("confirm") && reader.boolean("confirm"),
            .no_pin_prompt = reader.has("no_pin_prompt") && reader.boolean("no_pin_prompt"),
            .on_behalf_of = reader.optional_uint32("on_behalf_of"),
            .purpose = reader.optional_text("purpose").value_or("")};
}

void write_asking(Writer& writer, const Asking& asking) {
    if (asking.confirm) {
        writer.boolean("confirm", true);
    }
    if (asking.no_pin_prompt) {
        writer.boolean("no_pin_prompt", true);
    }
    if (asking.on_behalf_of) {
        writer.number("on_behalf_of", *asking.on_behalf_of);
    }
    if (!asking.purpose.empty()) {
        writer.text("purpose", asking.purpose);
    }
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
    if (!token.reader.empty()) {
        writer.text("reader", token.reader);
    }
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

template <class Enum>
void read_names(FieldReader& reader, std::string_view name, std::vector<Enum>& out) {
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

Key read_key(FieldReader& reader) {
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

Certificate read_certificate(FieldReader& reader) {
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

Token read_token(FieldReader& reader, Side side) {
    Token token;
    token.id = reader.text("id");
    token.label = reader.text("label");
    token.manufacturer = reader.text("manufacturer");
    token.model = reader.text("model");
    token.serial = reader.text("serial");
    token.reader = reader.optional_text("reader").value_or("");
    token.login_required = reader.boolean("login_required");
    token.pin_pad = reader.boolean("pin_pad");
    token.pin = reader.enumerator<PinState>("pin", enum_named<PinState, PinState::not_set>);
    if (side == Side::agent) {
        token.module = reader.text("module");
        token.slot = reader.optional_uint32("slot");
        token.unlocked = reader.boolean("unlocked");
    }
    reader.array("keys", [&token](const json::value& element) {
        return read_object(element, [&token](FieldReader& inner) { token.keys.push_back(read_key(inner)); });
    });
    reader.array("certificates", [&token](const json::value& element) {
        return read_object(
            element, [&token](FieldReader& inner) { token.certificates.push_back(read_certificate(inner)); });
    });
    return token;
}

std::vector<Token> read_tokens(FieldReader& reader, Side side) {
    std::vector<Token> tokens;
    reader.array("tokens", [&tokens, side](const json::value& element) {
        return read_object(
            element, [&tokens, side](FieldReader& inner) { tokens.push_back(read_token(inner, side)); });
    });
    return tokens;
}

}  // namespace

std::optional<std::string_view> interface_description(std::string_view interface) {
    if (interface == agent_interface) {
        return agent_description;
    }
    if (interface == admin_interface) {
        return admin_description;
    }
    if (interface == desktop_interface) {
        return desktop_description;
    }
    if (interface == readers_interface) {
        return readers_description;
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
    write_asking(writer, call.asking);
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

std::string encode_service_info(std::string_view product, Interfaces interfaces) {
    Writer writer;
    writer.text("vendor", "signet");
    writer.text("product", product);
    writer.text("version", SIGNET_VERSION);
    writer.text("url", "");
    std::vector<std::string_view> names = {service_interface};
    names.insert(names.end(), interfaces.begin(), interfaces.end());
    writer.raw("interfaces", encode_array(names, [](std::string& out, std::string_view name) {
                   Writer::append_text(out, name);
               }));
    return writer.finish();
}

Result<SignCall> decode_sign_call(const Parameters& parameters) {
    FieldReader reader = call_reader(parameters);
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
    call.asking = read_asking(reader);
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<DecryptCall> decode_decrypt_call(const Parameters& parameters) {
    FieldReader reader = call_reader(parameters);
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
    FieldReader reader = call_reader(parameters);
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
    FieldReader reader = call_reader(parameters);
    UnlockCall call;
    call.token = reader.optional_text("token");
    call.pin = reader.optional_uint32("pin");
    call.environment = read_environment(reader);
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<LockCall> decode_lock_call(const Parameters& parameters) {
    FieldReader reader = call_reader(parameters);
    LockCall call{.token = reader.optional_text("token")};
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<LoginCall> decode_login_call(const Parameters& parameters) {
    FieldReader reader = call_reader(parameters);
    LoginCall call;
    call.token = reader.text("token");
    call.pin = reader.optional_uint32("pin");
    SIGNET_CHECK(reader.finish());
    return call;
}

Result<std::optional<std::int64_t>> decode_known_generation(const Parameters& parameters) {
    FieldReader reader = call_reader(parameters);
    const auto generation = reader.optional_number("known_generation");
    SIGNET_CHECK(reader.finish());
    return generation;
}

Result<void> decode_no_parameters(const Parameters& parameters) {
    return call_reader(parameters).finish();
}

Result<std::string> decode_interface_name(const Parameters& parameters) {
    FieldReader reader = call_reader(parameters);
    std::string name = reader.text("interface");
    SIGNET_CHECK(reader.finish());
    return name;
}

Result<Inventory> decode_inventory(const Parameters& parameters) {
    FieldReader reader = reply_reader(parameters);
    Inventory inventory;
    inventory.generation = reader.optional_number("generation", true).value_or(0);
    if (reader.has("tokens")) {
        inventory.tokens = read_tokens(reader, Side::agent);
    }
    if (reader.has("failures")) {
        reader.array("failures", [&inventory](const json::value& element) {
            return read_object(element, [&inventory](FieldReader& inner) {
                inventory.failures.push_back(
                    {.module = inner.text("module"), .detail = inner.text("detail")});
            });
        });
    }
    SIGNET_CHECK(reader.finish());
    return inventory;
}

Result<HostInventory> decode_host_inventory(const Parameters& parameters) {
    FieldReader reader = reply_reader(parameters);
    HostInventory inventory;
    inventory.tokens = read_tokens(reader, Side::host);
    inventory.waits_for_events = reader.boolean("waits_for_events");
    inventory.one_at_a_time = reader.boolean("one_at_a_time");
    SIGNET_CHECK(reader.finish());
    return inventory;
}

Result<WatchReply> decode_watch_reply(const Parameters& parameters) {
    FieldReader reader = reply_reader(parameters);
    WatchReply reply;
    reply.generation = reader.optional_number("generation", true).value_or(0);
    if (const json::object* object = reader.optional_object("change")) {
        FieldReader inner(*object, FieldReader::Unknown::ignored);
        reply.change = Change{
            .kind = inner.enumerator<ChangeKind>("kind", enum_named<ChangeKind, ChangeKind::touch_needed>),
            .token = inner.text("token")};
        SIGNET_CHECK(inner.finish());
    }
    SIGNET_CHECK(reader.finish());
    return reply;
}

Result<std::string> decode_text(const Parameters& parameters, std::string_view field) {
    FieldReader reader = reply_reader(parameters);
    std::string text = reader.text(field);
    SIGNET_CHECK(reader.finish());
    return text;
}

Result<Bytes> decode_octets(const Parameters& parameters, std::string_view field) {
    FieldReader reader = reply_reader(parameters);
    Bytes octets = reader.octets(field);
    SIGNET_CHECK(reader.finish());
    return octets;
}

}  // namespace signet::ipc
