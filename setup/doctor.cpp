#include "setup/doctor.h"

#include <iterator>

namespace signet::setup {

Findings diagnose(const Surroundings& surroundings, const Observation& observation) {
    Findings all;
    for (auto& found :
         {check_udev(surroundings), check_pcscd(surroundings, observation), check_readers(observation),
          check_holders(surroundings, observation), check_agent(surroundings, observation),
          check_settings(observation), check_tokens(observation), check_pins(observation),
          check_certificates(observation), check_module(surroundings, observation),
          check_p11_kit(surroundings), check_clients(surroundings, observation)}) {
        all.insert(all.end(), found.begin(), found.end());
    }
    return all;
}

}  // namespace signet::setup
