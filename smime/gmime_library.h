#pragma once

#include <gmime/gmime.h>

// GMime's functions under their own names, for code in this namespace. GMime brings a dozen libraries with
// it, among them GIO and GPGME, and to load them takes as long as all else that the command does with a small
// mail: they are loaded by initialise_gmime().
// clang-format off
#define SIGNET_GMIME_FUNCTIONS(use) \
    use(g_date_time_to_unix) use(g_date_time_unref) use(g_free) \
    use(g_mime_content_disposition_get_parameter) use(g_mime_content_disposition_parse) \
    use(g_mime_content_type_get_media_subtype) use(g_mime_content_type_get_media_type) \
    use(g_mime_content_type_get_parameter) use(g_mime_content_type_parse) \
    use(g_mime_data_wrapper_get_stream) use(g_mime_encoding_init_decode) use(g_mime_encoding_outlen) \
    use(g_mime_encoding_step) use(g_mime_init) use(g_mime_message_get_mime_part) \
    use(g_mime_message_part_get_message) use(g_mime_message_part_get_type) use(g_mime_multipart_get_count) \
    use(g_mime_multipart_get_part) use(g_mime_multipart_get_type) use(g_mime_object_get_type) \
    use(g_mime_parser_construct_message) use(g_mime_parser_construct_part) \
    use(g_mime_parser_new_with_stream) use(g_mime_parser_set_persist_stream) use(g_mime_part_get_content) \
    use(g_mime_part_get_type) use(g_mime_stream_construct) use(g_mime_stream_get_type) \
    use(g_mime_utils_header_decode_date) use(g_mime_utils_header_decode_text) use(g_object_new) \
    use(g_object_unref) use(g_type_check_instance_cast) use(g_type_check_instance_is_a) \
    use(g_type_register_static_simple) use(internet_address_get_name) use(internet_address_get_type) \
    use(internet_address_group_get_members) use(internet_address_group_get_type) \
    use(internet_address_list_get_address) use(internet_address_list_length) \
    use(internet_address_list_parse) use(internet_address_mailbox_get_addr) \
    use(internet_address_mailbox_get_idn_addr) use(internet_address_mailbox_get_type) \
    use(internet_address_mailbox_new)
// clang-format on

namespace signet::smime {

#define SIGNET_DECLARE_FUNCTION(name) extern decltype(&::name) name;
SIGNET_GMIME_FUNCTIONS(SIGNET_DECLARE_FUNCTION)
#undef SIGNET_DECLARE_FUNCTION

// Cheap after the first call, safe from any thread; before any of these functions is called. Throws
// std::runtime_error when GMime is not installed.
void initialise_gmime();

}  // namespace signet::smime
