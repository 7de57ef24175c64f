#pragma once

#include "ipc/admin_types.h"
#include "ipc/message.h"

// As ipc/codec.h, for org.signet.admin.
namespace signet::ipc {

inline constexpr std::string_view admin_interface = "org.signet.admin";

// A method by its name without the interface.
std::optional<AdminMethod> admin_method_named(std::string_view name);

std::string encode(const AdminCall& call);
Result<AdminCall> decode_admin_call(AdminMethod method, const Parameters& parameters);

std::string encode(const AdminReply& reply);
Result<AdminReply> decode_admin_reply(AdminMethod method, const Parameters& parameters);

}  // namespace signet::ipc
