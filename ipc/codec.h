#pragma once

#include "ipc/message.h"
#include "ipc/types.h"

// Between the types of ipc/types.h and the parameters of messages. Encoders return a JSON object; decoders
// of calls refuse unknown and missing fields with invalid_parameter naming the field, decoders of replies
// ignore unknown fields and answer protocol for wrong ones.
namespace signet::ipc {

inline constexpr std::string_view agent_interface = "org.signet.agent";
inline constexpr std::string_view token_interface = "org.signet.token";
inline constexpr std::string_view service_interface = "org.varlink.service";

// What a server speaks besides org.varlink.service.
using Interfaces = std::span<const std::string_view>;

// The text of ipc/<interface>.varlink, or nullopt for an interface that is not ours.
std::optional<std::string_view> interface_description(std::string_view interface);

std::string encode(const SignCall& call);
std::string encode(const DecryptCall& call);
std::string encode(const DeriveCall& call);
std::string encode(const UnlockCall& call);
std::string encode(const LockCall& call);
std::string encode(const LoginCall& call);
std::string encode(const Inventory& inventory);
std::string encode(const HostInventory& inventory);
std::string encode(const WatchReply& reply);
std::string encode_known_generation(std::optional<std::int64_t> generation);
// {"signature": …}, {"plaintext": …}, {"secret": …}
std::string encode_octets(std::string_view field, ByteView octets);

Result<SignCall> decode_sign_call(const Parameters& parameters);
Result<DecryptCall> decode_decrypt_call(const Parameters& parameters);
Result<DeriveCall> decode_derive_call(const Parameters& parameters);
Result<UnlockCall> decode_unlock_call(const Parameters& parameters);
Result<LockCall> decode_lock_call(const Parameters& parameters);
// For Login and Logout.
Result<LoginCall> decode_login_call(const Parameters& parameters);
Result<std::optional<std::int64_t>> decode_known_generation(const Parameters& parameters);
Result<void> decode_no_parameters(const Parameters& parameters);
// The parameter of org.varlink.service.GetInterfaceDescription.
Result<std::string> decode_interface_name(const Parameters& parameters);

Result<Inventory> decode_inventory(const Parameters& parameters);
Result<HostInventory> decode_host_inventory(const Parameters& parameters);
Result<WatchReply> decode_watch_reply(const Parameters& parameters);
// One field of an answer that needs no type of its own.
Result<std::string> decode_text(const Parameters& parameters, std::string_view field);
Result<Bytes> decode_octets(const Parameters& parameters, std::string_view field);

// The parameters of the replies of org.varlink.service.
std::string encode_description(std::string_view description);
std::string encode_service_info(std::string_view product, Interfaces interfaces);

}  // namespace signet::ipc
