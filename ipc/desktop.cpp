#include "ipc/desktop.h"

#include "ipc/field_reader.h"
#include "ipc/writer.h"

#include <algorithm>
#include <array>
#include <optional>

namespace signet::ipc {
namespace {

constexpr std::array<std::string_view, 4> event_names{"watching", "screen_locked", "going_to_sleep", "awake"};
constexpr std::array<std::string_view, 3> kind_names{"touch_needed", "certificate_ends", "pin_blocked"};

template <class Enum, std::size_t count>
std::optional<Enum> find_name(const std::array<std::string_view, count>& names, std::string_view name) {
    const auto* const found = std::find(names.begin(), names.end(), name);
    return found != names.end() ? std::optional(static_cast<Enum>(found - names.begin())) : std::nullopt;
}

std::optional<DesktopEvent> event_named(std::string_view name) {
    return find_name<DesktopEvent>(event_names, name);
}

std::optional<NotificationKind> kind_named(std::string_view name) {
    return find_name<NotificationKind>(kind_names, name);
}

void write_where_told(Writer& writer, std::string_view name, const std::string& value) {
    if (!value.empty()) {
        writer.text(name, value);
    }
}

Notification read_notification(FieldReader& fields) {
    Notification notification;
    notification.kind = fields.enumerator<NotificationKind>("kind", kind_named);
    notification.token = fields.text("token");
    notification.program = fields.optional_text("program").value_or("");
    notification.purpose = fields.optional_text("purpose").value_or("");
    notification.certificate = fields.optional_text("certificate").value_or("");
    notification.ends = fields.optional_text("ends").value_or("");
    notification.certificates = fields.optional_uint32("certificates").value_or(0);
    return notification;
}

}  // namespace

std::string encode(DesktopEvent event) {
    Writer writer;
    writer.plain("event", event_names.at(static_cast<std::size_t>(event)));
    return writer.finish();
}

std::string encode(const NotifyCall& call) {
    const Notification& notification = call.notification;
    Writer writer;
    writer.number("id", call.id);
    writer.begin_object("notification");
    writer.plain("kind", kind_names.at(static_cast<std::size_t>(notification.kind)));
    writer.text("token", notification.token);
    write_where_told(writer, "program", notification.program);
    write_where_told(writer, "purpose", notification.purpose);
    write_where_told(writer, "certificate", notification.certificate);
    write_where_told(writer, "ends", notification.ends);
    if (notification.certificates > 0) {
        writer.number("certificates", notification.certificates);
    }
    writer.end_object();
    return writer.finish();
}

std::string encode_withdraw_call(std::uint32_t id) {
    Writer writer;
    writer.number("id", id);
    return writer.finish();
}

Result<DesktopEvent> decode_desktop_event(const Parameters& parameters) {
    FieldReader fields = reply_reader(parameters);
    const auto event = fields.enumerator<DesktopEvent>("event", event_named);
    SIGNET_CHECK(fields.finish());
    return event;
}

Result<NotifyCall> decode_notify_call(const Parameters& parameters) {
    FieldReader fields = call_reader(parameters);
    NotifyCall call;
    call.id = fields.uint32("id");
    if (const auto* object = fields.optional_object("notification")) {
        FieldReader inner(*object, FieldReader::Unknown::refused);
        call.notification = read_notification(inner);
        SIGNET_CHECK(inner.finish());
    } else {
        fields.wrong("notification");
    }
    SIGNET_CHECK(fields.finish());
    return call;
}

Result<std::uint32_t> decode_withdraw_call(const Parameters& parameters) {
    FieldReader fields = call_reader(parameters);
    const std::uint32_t id = fields.uint32("id");
    SIGNET_CHECK(fields.finish());
    return id;
}

}  // namespace signet::ipc
