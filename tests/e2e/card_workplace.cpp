#include "tests/e2e/card_workplace.h"

#include "ipc/codec.h"
#include "tests/token/verify.h"

#include <stdexcept>

namespace signet::test {
namespace {

const Bytes message(32, 0x5C);

AgentOptions with_pcscd(AgentOptions options, const Pcscd& pcscd) {
    options.piv = true;
    options.with_softhsm = false;
    for (const auto& [name, value] : pcscd.variables()) {
        options.variables.emplace(name, value);
    }
    return options;
}

Result<void> check(bool right, ErrorCode otherwise = ErrorCode::bad_signature) {
    if (!right) {
        return failure(otherwise, "check");
    }
    return {};
}

}  // namespace

CardWorkplace::CardWorkplace(const InsertedCardOptions& card, AgentOptions agent)
    : CardWorkplace(std::nullopt, card, std::move(agent)) {}

CardWorkplace::CardWorkplace(const std::optional<piv_card::CardState>& state, const InsertedCardOptions& card,
                             AgentOptions agent, PcscdOptions reader)
    : m_desk(state ? *state : full_card(m_authority).state, card, std::move(reader)),
      m_agent(with_pcscd(std::move(agent), m_desk.pcscd())) {
    write_file(path("root.pem"), to_pem(m_authority.certificate()));
}

void CardWorkplace::start(std::size_t tokens) {
    m_agent.start();
    if (!comes_to_list(tokens)) {
        throw std::runtime_error("the agent lists " + std::to_string(m_agent.tokens().size()) +
                                 " tokens: " + m_agent.log());
    }
}

bool CardWorkplace::comes_to_list(std::size_t tokens) const {
    return eventually([this, tokens] { return m_agent.tokens().size() == tokens; });
}

ipc::Token CardWorkplace::token() const {
    for (auto& token : m_agent.tokens()) {
        if (token.reader == m_desk.pcscd().slot_name()) {
            return token;
        }
    }
    throw std::runtime_error("no card: " + m_agent.log());
}

Result<CardWorkplace::ListedKey> CardWorkplace::key(std::string_view slot) const {
    for (const auto& token : m_agent.tokens()) {
        for (const auto& key : token.keys) {
            if (token.reader == m_desk.pcscd().slot_name() && to_hex(key.object_id) == slot) {
                return ListedKey{
                    .key = key,
                    .use = {
                        .token = token.id, .key = key.id, .environment = Environment{.tty = "/dev/pts/99"}}};
            }
        }
    }
    return failure(ErrorCode::key_not_found, "list", std::string(slot));
}

Result<void> CardWorkplace::sign(std::string_view slot) const {
    SIGNET_TRY(const auto signing, key(slot));
    const bool rsa = signing.key.type == KeyType::rsa;
    const ipc::SignCall call{.use = signing.use,
                             .scheme = rsa ? SignatureScheme::rsa_pkcs1 : SignatureScheme::ecdsa,
                             .hash = HashAlgorithm::sha256,
                             .data = message,
                             .data_is_message = true};
    auto client = m_agent.client();
    SIGNET_TRY(const auto reply, client.call("org.signet.agent.Sign", ipc::encode(call)));
    SIGNET_TRY(const auto signature, ipc::decode_octets(reply.parameters, "signature"));
    const auto& info = signing.key.public_key_info;
    return check(rsa ? verifies_pkcs1(info, HashAlgorithm::sha256, message, signature)
                     : verifies_ecdsa(info, HashAlgorithm::sha256, message, signature));
}

Result<void> CardWorkplace::decrypt(std::string_view slot) const {
    SIGNET_TRY(const auto own, key(slot));
    auto client = m_agent.client();
    if (own.key.type == KeyType::rsa) {
        const ipc::DecryptCall call{.use = own.use,
                                    .scheme = DecryptionScheme::rsa_pkcs1,
                                    .ciphertext = encrypt_pkcs1(own.key.public_key_info, message)};
        SIGNET_TRY(const auto reply, client.call("org.signet.agent.Decrypt", ipc::encode(call)));
        SIGNET_TRY(const auto plaintext, ipc::decode_octets(reply.parameters, "plaintext"));
        return check(plaintext == message);
    }
    const auto peer = generate_ec_key("P-384");
    const ipc::DeriveCall call{.use = own.use, .public_key = point_of(peer.get())};
    SIGNET_TRY(const auto reply, client.call("org.signet.agent.Derive", ipc::encode(call)));
    SIGNET_TRY(const auto secret, ipc::decode_octets(reply.parameters, "secret"));
    return check(secret == agree(peer.get(), own.key.public_key_info), ErrorCode::malformed);
}

ProcessResult CardWorkplace::run(const std::vector<std::string>& arguments, const std::string& input) const {
    Variables variables = m_agent.variables();
    variables.merge(m_desk.pcscd().variables());
    return test::run(arguments,
                     {.input = input, .variables = variables, .working_directory = m_folder.path()});
}

ProcessResult CardWorkplace::signet(std::vector<std::string> arguments, const std::string& input) const {
    arguments.insert(arguments.begin(), program("signet"));
    return run(arguments, input);
}

}  // namespace signet::test
