#pragma once

#include "ipc/message.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstring>

// Only the sources of ipc/ include this header: Boost stays inside.
namespace signet::ipc {

// A parsed message in memory of its own. What does not fit into `memory` (a large inventory, which is
// public) goes to the heap.
struct Parameters::Document {
    Document() : resource(memory.data(), memory.size()) {}
    ~Document() { explicit_bzero(memory.data(), memory.size()); }
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    std::array<unsigned char, 4096> memory;  // NOLINT: left uninitialised on purpose
    boost::json::monotonic_resource resource;
    boost::json::value message = boost::json::value(boost::json::storage_ptr(&resource));
    const boost::json::object* parameters = nullptr;  // inside `message`, or an empty object
};

}  // namespace signet::ipc
