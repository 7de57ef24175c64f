#include "ssh/signed_data.h"

#include "base/algorithms.h"
#include "base/bytes.h"

namespace signet::ssh {
namespace {

constexpr std::uint8_t userauth_request = 50;  // SSH_MSG_USERAUTH_REQUEST, RFC 4252 section 6
constexpr std::string_view connection_service = "ssh-connection";
constexpr std::string_view public_key_method = "publickey";
constexpr std::string_view host_bound_method = "publickey-hostbound-v00@openssh.com";
constexpr std::string_view file_signature_preamble = "SSHSIG";

Failure not_signed_here(std::string what) {
    return failure(ErrorCode::not_allowed, "sign request", std::move(what));
}

Result<SignedData> parse_user_authentication(ByteView data) {
    WireReader reader(data);
    UserAuthentication request;
    request.session_id = reader.string();
    const std::uint8_t type = reader.octet();
    request.user = reader.text();
    const std::string_view service = reader.text();
    const std::string_view method = reader.text();
    const std::uint8_t with_signature = reader.octet();
    request.algorithm = reader.text();
    request.key = reader.string();
    if (method == host_bound_method) {
        request.host_key = reader.string();
    }
    const bool known = type == userauth_request && service == connection_service && with_signature == 1 &&
                       (method == public_key_method || method == host_bound_method);
    const bool has_session = !request.session_id.empty() && request.session_id.size() <= max_session_id_size;
    if (!reader.complete() || !known || !has_session) {
        return not_signed_here("neither an SSH authentication nor an SSH file signature");
    }
    return request;
}

Result<SignedData> parse_file_signature(ByteView data) {
    WireReader reader(data.subspan(file_signature_preamble.size()));
    const std::string_view name_space = reader.text();
    reader.string();  // reserved: to be ignored
    const auto hash = from_name<HashAlgorithm>(reader.text());
    const ByteView digest = reader.string();
    const bool strong = hash == HashAlgorithm::sha256 || hash == HashAlgorithm::sha512;
    if (!reader.complete() || name_space.empty() || !strong || digest.size() != digest_size(*hash)) {
        return not_signed_here("a malformed SSH file signature");
    }
    return FileSignature{.name_space = name_space};
}

// Where it ends is plain to see, whatever it says.
std::string quoted(std::string_view name) {
    constexpr std::size_t max_shown_name = 64;
    std::string text;
    for (const char c : printable_utf8(name.substr(0, max_shown_name))) {
        text.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
    }
    return '"' + text + '"' + (name.size() > max_shown_name ? "..." : "");
}

}  // namespace

Result<SignedData> parse_signed_data(ByteView data) {
    // An authentication begins with a length, and this would be one of more than 1 GiB.
    return as_text(data).starts_with(file_signature_preamble) ? parse_file_signature(data)
                                                              : parse_user_authentication(data);
}

std::string purpose_of(const SignedData& data) {
    if (const auto* request = std::get_if<UserAuthentication>(&data)) {
        return request->user.empty() ? "to log in without a user name"
                                     : "to log in as " + quoted(request->user);
    }
    return "to sign a file for " + quoted(std::get<FileSignature>(data).name_space);
}

}  // namespace signet::ssh
