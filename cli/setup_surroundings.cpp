#include "cli/setup_surroundings.h"

#include "cli/token_module.h"

namespace signet::cli {

Result<setup::Surroundings> own_surroundings() {
    SIGNET_TRY(auto module, module_path());
    return setup::Surroundings::of_this_process(std::move(module));
}

}  // namespace signet::cli
