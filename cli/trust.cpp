#include "cli/trust.h"

#include "cli/certificate_files.h"

namespace signet::cli {

void add_trust(CLI::App& command, TrustChoice& choice) {
    command.add_option("--ca", choice.authorities, "Trust the certificates of this file (repeatable)")
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option("--intermediate", choice.intermediates,
                    "Build paths with the certificates of this file (repeatable)")
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_flag("--system-ca", choice.system_authorities, "Trust the authorities of this system too");
}

mail::VerifyOptions Trust::options() const {
    return {.trust_anchors = borrowed(anchors),
            .intermediates = borrowed(intermediates),
            .use_system_store = system_authorities};
}

Result<Trust> load_trust(const TrustChoice& choice) {
    Trust trust;
    SIGNET_TRY(trust.anchors, read_certificates(choice.authorities));
    SIGNET_TRY(trust.intermediates, read_certificates(choice.intermediates));
    trust.system_authorities = choice.system_authorities;
    return trust;
}

}  // namespace signet::cli
