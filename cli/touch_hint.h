#pragma once

#include "ipc/types.h"

#include <memory>

namespace signet::cli {

// As long as it lives, a token that waits for a finger makes a line on standard error. Costs nothing where no
// token can.
class TouchHint {
  public:
    explicit TouchHint(const ipc::Inventory& inventory);
    TouchHint(TouchHint&&) noexcept;
    TouchHint& operator=(TouchHint&&) = delete;
    TouchHint(const TouchHint&) = delete;
    TouchHint& operator=(const TouchHint&) = delete;
    ~TouchHint();

  private:
    struct Watch;
    std::unique_ptr<Watch> m_watch;
};

}  // namespace signet::cli
