#include "cli/json.h"
#include "cli/output.h"
#include "cli/token_command.h"
#include "x509/certificate.h"
#include "x509/pem.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace signet::cli {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;

struct SlotOptions : TokenOptions {
    std::string slot;
};

struct PlacementOptions : SlotOptions {
    std::optional<KeyPinPolicy> pin_policy;
    std::optional<KeyTouchPolicy> touch_policy;
    std::string label;
    bool overwrite = false;
};

struct GenerateOptions : PlacementOptions {
    std::optional<KeyAlgorithm> algorithm;
};

struct ImportOptions : PlacementOptions {
    std::string file;
};

struct MoveOptions : SlotOptions {
    std::string target;
};

struct DeleteOptions : SlotOptions {
    bool certificate_only = false;
};

void set_placement(ipc::AdminCall& call, const PlacementOptions& options) {
    call.slot = options.slot;
    call.pin_policy = options.pin_policy;
    call.touch_policy = options.touch_policy;
    call.label = options.label;
    call.overwrite = options.overwrite;
}

Result<ExitStatus> report_key(const TokenOptions& options, const AdministeredToken& token,
                              const std::string& what, const ipc::AdminReply& reply) {
    const auto& placed = std::get<ipc::PlacedKey>(reply);
    const std::string key = x509::key_identifier(placed.public_key_info);
    return report_change(
        options, token, "slot " + placed.slot + " of " + token.name() + what + ": " + key,
        {{"slot", placed.slot}, {"key", key}, {"public_key_info", to_base64(placed.public_key_info)}});
}

Result<ExitStatus> generate(const GenerateOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_authorization(options));
    ipc::AdminCall call{.method = AdminMethod::generate_key, .algorithm = options.algorithm};
    set_placement(call, options);
    SIGNET_TRY(const auto reply, token.call(std::move(call)));
    return report_key(options, token, " has a new " + std::string(name_of(*options.algorithm)) + " key",
                      reply);
}

Result<FileDescriptor> open_to_read(const std::string& path) {
    FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) {
        return errno_failure("open", path, errno);
    }
    return file;
}

// PFX (RFC 7292 section 4) begins with its version, 3. Its length may be indefinite.
bool is_pkcs12(ByteView beginning) {
    constexpr std::uint8_t long_form = 0x80;
    constexpr std::array<std::uint8_t, 3> version{0x02, 0x01, 0x03};
    if (beginning.size() < 2 || beginning[0] != 0x30) {
        return false;
    }
    const std::size_t header = 2 + (beginning[1] > long_form ? beginning[1] - long_form : 0U);
    return beginning.size() >= header + version.size() &&
           std::equal(version.begin(), version.end(),
                      beginning.begin() + static_cast<std::ptrdiff_t>(header));
}

// Nobody is asked for secrets for another file.
Result<FileDescriptor> open_pkcs12(const std::string& path) {
    SIGNET_TRY(auto file, open_to_read(path));
    std::array<std::uint8_t, 16> beginning{};
    const ssize_t count = pread(file.get(), beginning.data(), beginning.size(), 0);
    if (count < 0) {
        return errno_failure("read", path, errno);
    }
    if (!is_pkcs12(ByteView(beginning).first(static_cast<std::size_t>(count)))) {
        return failure(ErrorCode::malformed, "import", path + " is no PKCS#12 file");
    }
    return file;
}

Result<ExitStatus> import(const ImportOptions& options) {
    SIGNET_TRY(auto file, open_pkcs12(options.file));
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_authorization(options, AdministeredToken::PinUse::unlocking));
    SIGNET_CHECK(token.take_secrets(options, {{"--password-fd", AdminSecret::password}}));
    token.pass(AdminSecret::pkcs12, std::move(file));
    ipc::AdminCall call{.method = AdminMethod::import_key};
    set_placement(call, options);
    SIGNET_TRY(const auto reply, token.call(std::move(call)));
    const bool was_there = std::get<ipc::PlacedKey>(reply).was_there;
    return report_key(options, token, was_there ? " has the key already" : " has the imported key", reply);
}

Result<ExitStatus> move(const MoveOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_authorization(options));
    SIGNET_CHECK(
        token.call({.method = AdminMethod::move_key, .slot = options.slot, .target = options.target}));
    return report_change(
        options, token,
        "the key of slot " + options.slot + " of " + token.name() + " is in slot " + options.target + " now",
        {{"slot", options.target}});
}

Result<ExitStatus> delete_key(const DeleteOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_CHECK(token.take_authorization(options));
    const bool key = !options.certificate_only;
    SIGNET_CHECK(token.call(
        {.method = key ? AdminMethod::delete_key : AdminMethod::delete_certificate, .slot = options.slot}));
    return report_change(options, token,
                         std::string(key ? "the key" : "the certificate") + " of slot " + options.slot +
                             " of " + token.name() + " was deleted",
                         {{"slot", options.slot}});
}

Result<ExitStatus> attest(const SlotOptions& options) {
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_TRY(const auto reply, token.call({.method = AdminMethod::attest, .slot = options.slot}));
    const auto& certificates = std::get<ipc::Attestation>(reply).certificates;
    if (options.json) {
        ipc::Writer writer;
        writer.text("token", token.token().id);
        writer.text("slot", options.slot);
        writer.raw("certificates",
                   json_array(certificates, [](const Bytes& der) { return json_text(to_base64(der)); }));
        SIGNET_CHECK(write_output("-", writer.finish() + "\n"));
        return ExitStatus::good;
    }
    std::string text;
    for (const Bytes& der : certificates) {
        text += x509::to_pem("CERTIFICATE", der);
    }
    SIGNET_CHECK(write_output("-", text));
    return ExitStatus::good;
}

void add_placement(CLI::App& command, PlacementOptions& options) {
    add_choice(command, "--pin-policy", options.pin_policy, "When the key wants the PIN: never, once, always",
               KeyPinPolicy::always);
    add_choice(command, "--touch-policy", options.touch_policy,
               "When the key wants a finger on the token: never, always, cached", KeyTouchPolicy::cached);
    command.add_option("--label", options.label, "Label of the key on a PKCS#11 token")->type_name("TEXT");
    command.add_flag("--overwrite", options.overwrite, "Replace the key that is there; it is lost then");
}

void declare_making(CLI::App& token, Action& chosen) {
    auto [generating, generate_options] =
        declare<GenerateOptions>(token, "generate", "Make a key in the token", chosen, generate);
    add_token_options(generating, generate_options);
    add_slot_option(generating, generate_options.slot, false);
    add_choice(generating, "--algorithm", generate_options.algorithm,
               "rsa2048, rsa3072, rsa4096, p256, p384, p521, ed25519 or x25519", KeyAlgorithm::x25519);
    generating.get_option("--algorithm")->required();
    add_placement(generating, generate_options);
    add_authorization_options(generating, generate_options);

    auto [importing, import_options] = declare<ImportOptions>(
        token, "import", "Put the key of a PKCS#12 file into the token", chosen, import);
    importing.add_option("file", import_options.file, "The PKCS#12 file")->type_name("FILE")->required();
    add_token_options(importing, import_options);
    add_slot_option(importing, import_options.slot, false);
    add_placement(importing, import_options);
    add_authorization_options(importing, import_options);
    add_secret_option(importing, import_options, "--password-fd", "the password of the file");
}

}  // namespace

void declare_token_keys(CLI::App& token, Action& chosen) {
    declare_making(token, chosen);

    auto [deleting, delete_options] =
        declare<DeleteOptions>(token, "delete", "Delete a key, or only a certificate", chosen, delete_key);
    add_token_options(deleting, delete_options);
    add_slot_option(deleting, delete_options.slot);
    deleting.add_flag("--certificate", delete_options.certificate_only,
                      "Delete the certificate, and leave the key");
    add_authorization_options(deleting, delete_options);

    auto [moving, move_options] =
        declare<MoveOptions>(token, "move", "Move a key to another slot", chosen, move);
    add_token_options(moving, move_options);
    add_slot_option(moving, move_options.slot);
    add_slot(moving, "--to", move_options.target, "The slot, which must be empty")->required();
    add_authorization_options(moving, move_options);

    auto [attesting, attest_options] = declare<SlotOptions>(
        token, "attest", "Print the maker's certificate that a key was made in the token", chosen, attest);
    add_token_options(attesting, attest_options);
    add_slot_option(attesting, attest_options.slot);
}

}  // namespace signet::cli
