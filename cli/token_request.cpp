#include "cli/json.h"
#include "cli/output.h"
#include "cli/secret_input.h"
#include "cli/token_command.h"
#include "x509/certificate.h"
#include "x509/name.h"
#include "x509/pem.h"
#include "x509/request.h"

#include <algorithm>

namespace signet::cli {
namespace {

struct TokenRequestArguments : TokenOptions {
    std::string slot;
    std::string subject;
    std::vector<std::string> emails;
    std::vector<std::string> dns_names;
    std::string out = "-";
    bool pss = false;
};

// The key in the slot, by the token's own account.
Result<Bytes> public_key_in(const ipc::TokenDetails& details, const std::string& slot) {
    const auto found = std::find_if(details.slots.begin(), details.slots.end(),
                                    [&slot](const auto& candidate) { return candidate.slot == slot; });
    if (found == details.slots.end()) {
        return failure(ErrorCode::not_found, "slot", "slot " + slot + " has no key");
    }
    if (found->public_key_info.empty()) {
        return failure(ErrorCode::unsupported, "slot",
                       "the token does not tell the public key of slot " + slot);
    }
    return found->public_key_info;
}

const ipc::Key* key_on(const ipc::Token& token, const std::string& id) {
    const auto found =
        std::find_if(token.keys.begin(), token.keys.end(), [&id](const auto& key) { return key.id == id; });
    return found != token.keys.end() ? &*found : nullptr;
}

bool offers(const ipc::Key& key, SignatureScheme scheme) {
    return std::find(key.signature_schemes.begin(), key.signature_schemes.end(), scheme) !=
           key.signature_schemes.end();
}

Result<Bytes> sign(Agent& agent, const std::string& token, const std::string& key,
                   const x509::RequestSignature& how, ByteView octets, const std::optional<Secret>& pin) {
    ipc::SignCall call{.use = {.token = token, .key = key}, .scheme = how.scheme};
    if (how.scheme != SignatureScheme::eddsa) {
        call.hash = how.hash;
    }
    call.data = Bytes(octets.begin(), octets.end());
    call.data_is_message = true;
    return agent.sign(std::move(call), pin);
}

Result<void> check_that_it_signs(const ipc::Key* key, const std::string& slot) {
    if (key == nullptr) {
        return failure(ErrorCode::key_not_found, "slot", "the agent does not list the key of slot " + slot);
    }
    if (key->signature_schemes.empty()) {
        return failure(ErrorCode::unsupported, "request",
                       "the key of slot " + slot +
                           " cannot sign, so it cannot sign a request: certify it "
                           "from its public key ('signet token show --json')");
    }
    return {};
}

Result<ExitStatus> request(const TokenRequestArguments& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_TRY(const auto details, token.details());
    x509::RequestContent content{.public_key_info = {},
                                 .subject = options.subject,
                                 .emails = options.emails,
                                 .dns_names = options.dns_names};
    SIGNET_TRY(content.public_key_info, public_key_in(details, options.slot));
    const std::string id = x509::key_identifier(content.public_key_info);
    const ipc::Key* key = key_on(token.token(), id);
    if (key == nullptr) {
        SIGNET_CHECK(token.list_anew());
        key = key_on(token.token(), id);
    }
    SIGNET_CHECK(check_that_it_signs(key, options.slot));
    std::optional<Secret> pin;
    if (const auto given = options.secret_descriptors.find("--pin-fd");
        given != options.secret_descriptors.end()) {
        SIGNET_TRY(pin, read_secret(given->second, given->first));
    }
    const bool pss =
        options.pss || (offers(*key, SignatureScheme::rsa_pss) && !offers(*key, SignatureScheme::rsa_pkcs1));
    SIGNET_TRY(const auto der,
               x509::make_request(content, pss,
                                  [&token, &id, &pin](const x509::RequestSignature& how, ByteView octets) {
                                      return sign(token.agent(), token.token().id, id, how, octets, pin);
                                  }));
    std::string text = x509::to_pem("CERTIFICATE REQUEST", der);
    if (options.json) {
        ipc::Writer writer;
        writer.text("token", token.token().id);
        writer.text("slot", options.slot);
        writer.text("key", id);
        writer.octets("request", der);
        text = writer.finish() + "\n";
    }
    SIGNET_CHECK(write_output(options.out, text));
    return ExitStatus::good;
}

std::string complaint(const Result<void>& checked) {
    return checked ? std::string() : checked.error().detail;
}

}  // namespace

void declare_token_request(CLI::App& token, Action& chosen) {
    auto [command, options] = declare<TokenRequestArguments>(
        token, "request", "Write a certificate request (PKCS#10) that a key has signed", chosen, request);
    add_token_options(command, options);
    add_slot_option(command, options.slot);
    command
        .add_option("--subject", options.subject, "Name to be certified, such as CN=Alice Example,O=Example")
        ->type_name("NAME")
        ->required()
        ->check([](const std::string& text) {
            const auto name = x509::parse_name(text);
            return name ? std::string() : name.error().detail;
        });
    add_list(command, "--email", options.emails, "E-mail address to be certified", "ADDRESS");
    command.get_option("--email")->check(
        [](const std::string& text) { return complaint(x509::check_email(text)); });
    add_list(command, "--dns", options.dns_names, "Host name to be certified", "NAME");
    command.get_option("--dns")->check(
        [](const std::string& text) { return complaint(x509::check_host_name(text)); });
    add_secret_option(command, options, "--pin-fd", "the PIN");
    command.add_flag("--pss", options.pss, "Sign with RSASSA-PSS");
    command.add_option("--out", options.out, "Write to FILE instead of standard output")
        ->type_name("FILE")
        ->default_str("");
}

}  // namespace signet::cli
