#include "ipc/environment_fields.h"

namespace signet::ipc {

std::optional<Environment> read_environment(FieldReader& parent) {
    const boost::json::object* object = parent.optional_object("environment");
    if (object == nullptr) {
        return std::nullopt;
    }
    FieldReader reader(*object, FieldReader::Unknown::refused);
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

}  // namespace signet::ipc
