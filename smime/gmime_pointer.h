#pragma once

#include "smime/gmime_library.h"

#include <memory>

namespace signet::smime {

struct GObjectDeleter {
    void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using GObjectPointer = std::unique_ptr<T, GObjectDeleter>;

}  // namespace signet::smime
