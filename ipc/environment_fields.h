#pragma once

#include "base/environment.h"
#include "ipc/field_reader.h"
#include "ipc/writer.h"

#include <optional>

// The field "environment", which several interfaces have.
namespace signet::ipc {

std::optional<Environment> read_environment(FieldReader& parent);
void write_environment(Writer& writer, const std::optional<Environment>& environment);

}  // namespace signet::ipc
