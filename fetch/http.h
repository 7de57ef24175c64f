#pragma once

#include "base/result.h"

#include <chrono>
#include <string>

namespace signet::fetch {

struct Post {
    std::string url;           // http or https, without a user's name in it
    std::string content_type;  // of the body
    std::string accept;        // the type that the answer must have
    std::string body;
    std::size_t limit = 0;            // of the answer, in octets
    std::chrono::seconds timeout{0};  // from the first octet asked to the last answered
};

// The body of the answer, which has to be the URL's own: redirections are not followed.
//
// invalid_parameter: the URL. input_output: nobody could be reached. timeout. not_allowed: the server's
// certificate is not trusted. protocol: the answer is not HTTP, or not with status 200 and that type.
// too_large: limit.
Result<std::string> post(const Post& request);

}  // namespace signet::fetch
