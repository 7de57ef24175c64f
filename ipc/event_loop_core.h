#pragma once

#include "ipc/event_loop.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <list>

// Only the sources of ipc/ include this header.
namespace signet::ipc {

struct EventLoop::Core {
    boost::asio::io_context context{1};  // one thread runs it
    std::list<boost::asio::signal_set> signals;
};

}  // namespace signet::ipc
