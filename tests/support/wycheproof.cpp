#include "tests/support/wycheproof.h"

#include "base/bytes.h"
#include "tests/support/requirements.h"

#include <boost/json.hpp>

#include <optional>
#include <stdexcept>

namespace signet::test {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, const char* name) {
    return std::string(object.at(name).as_string());
}

Bytes octets(const std::string& hexadecimal) {
    return from_hex(hexadecimal.size() % 2 == 0 ? hexadecimal : "0" + hexadecimal).value();
}
Bytes octets(const json::object& object, const char* name) {
    return octets(text(object, name));
}

std::optional<HashAlgorithm> hash_named(const std::string& name) {
    static const std::map<std::string, HashAlgorithm> hashes{{"SHA-1", HashAlgorithm::sha1},
                                                             {"SHA-224", HashAlgorithm::sha224},
                                                             {"SHA-256", HashAlgorithm::sha256},
                                                             {"SHA-384", HashAlgorithm::sha384},
                                                             {"SHA-512", HashAlgorithm::sha512}};
    const auto found = hashes.find(name);
    return found == hashes.end() ? std::nullopt : std::optional(found->second);
}

// OpenSSL's name.
std::string group_named(const std::string& curve) {
    return curve == "secp256r1" ? "prime256v1" : curve;
}

enum class Kind { oaep, pkcs1_decryption, pkcs1_signature, ecdh };

Kind kind_of(const json::object& group) {
    static const std::map<std::string, Kind> kinds{{"RsaesOaepDecrypt", Kind::oaep},
                                                   {"RsaesPkcs1Decrypt", Kind::pkcs1_decryption},
                                                   {"RsassaPkcs1Generate", Kind::pkcs1_signature},
                                                   {"EcdhEcpointTest", Kind::ecdh}};
    return kinds.at(text(group, "type"));
}

std::string private_key_of(const json::object& group, const json::object& test) {
    if (kind_of(group) == Kind::ecdh) {
        return text(group, "curve") + ":" + text(test, "private");
    }
    return text(group, "privateKeyPkcs8");
}

x509::KeyPointer parse_private_key(const json::object& group, const json::object& test) {
    if (kind_of(group) == Kind::ecdh) {
        return private_key_from_scalar(group_named(text(group, "curve")), octets(test, "private"));
    }
    return private_key_from_pkcs8(octets(group, "privateKeyPkcs8"));
}

template <class Visit>
void for_each_test(const json::value& file, Visit visit) {
    for (const json::value& group : file.at("testGroups").as_array()) {
        for (const json::value& test : group.at("tests").as_array()) {
            visit(group.as_object(), test.as_object());
        }
    }
}

struct Outcome {
    Result<Bytes> answer;
    Bytes expected;
};

Outcome run_test(const KeyOperations& operations, const json::object& group, const json::object& test,
                 const std::string& key) {
    const ipc::KeyUse use{.token = {}, .key = key};
    switch (kind_of(group)) {
        case Kind::oaep:
            return {.answer = operations.decrypt({.use = use,
                                                  .scheme = DecryptionScheme::rsa_oaep,
                                                  .ciphertext = octets(test, "ct"),
                                                  .hash = hash_named(text(group, "sha")),
                                                  .mask_hash = hash_named(text(group, "mgfSha")),
                                                  .label = octets(test, "label")}),
                    .expected = octets(test, "msg")};
        case Kind::pkcs1_decryption:
            return {
                .answer = operations.decrypt(
                    {.use = use, .scheme = DecryptionScheme::rsa_pkcs1, .ciphertext = octets(test, "ct")}),
                .expected = octets(test, "msg")};
        case Kind::pkcs1_signature:
            return {.answer = operations.sign({.use = use,
                                               .scheme = SignatureScheme::rsa_pkcs1,
                                               .hash = hash_named(text(group, "sha")),
                                               .data = octets(test, "msg"),
                                               .data_is_message = true}),
                    .expected = octets(test, "sig")};
        case Kind::ecdh:
            break;
    }
    return {.answer = operations.derive({.use = use, .public_key = octets(test, "public")}),
            .expected = octets(test, "shared")};
}

bool is_right(const Outcome& outcome, const std::string& result, Kind kind) {
    const bool equal = outcome.answer && *outcome.answer == outcome.expected;
    if (result == "valid") {
        return equal;
    }
    if (result == "acceptable") {
        return equal || !outcome.answer;
    }
    return kind == Kind::pkcs1_decryption ? outcome.answer && !equal : !outcome.answer;
}

}  // namespace

struct WycheproofFile::Content {
    json::value file;
};

WycheproofFile::WycheproofFile(const std::string& name)
    : m_content(std::make_unique<Content>(
          Content{json::parse(read_file(corpora() / "wycheproof" / (name + ".json")))})) {}

WycheproofFile::~WycheproofFile() = default;

void WycheproofFile::import_keys(KeyImporter& importer) {
    for_each_test(m_content->file, [this, &importer](const json::object& group, const json::object& test) {
        const std::string name = private_key_of(group, test);
        if (!m_key_ids.contains(name)) {
            m_key_ids[name] = importer.import(parse_private_key(group, test).get(),
                                              "key " + std::to_string(m_key_ids.size()));
        }
    });
}

WycheproofReport WycheproofFile::run(const KeyOperations& operations) const {
    WycheproofReport report;
    for_each_test(m_content->file, [&](const json::object& group, const json::object& test) {
        if (group.contains("sha") && !hash_named(text(group, "sha"))) {
            ++report.skipped;
            return;
        }
        const Outcome outcome = run_test(operations, group, test, m_key_ids.at(private_key_of(group, test)));
        const std::string result = text(test, "result");
        ++report.run;
        if (!is_right(outcome, result, kind_of(group))) {
            report.failures.push_back(
                "tcId " + std::to_string(test.at("tcId").as_int64()) + " (" + result + ", " +
                text(test, "comment") +
                "): " + (outcome.answer ? to_hex(*outcome.answer) : outcome.answer.error().detail));
        }
    });
    return report;
}

}  // namespace signet::test
