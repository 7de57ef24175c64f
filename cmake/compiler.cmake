# One target carries every compiler flag of the project: link signet::flags and nothing else sets flags.
add_library(signet_flags INTERFACE)
add_library(signet::flags ALIAS signet_flags)

target_include_directories(signet_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
if(CMAKE_UNITY_BUILD)
  # Several files in one say nothing about how each stands by itself: the other builds warn.
  target_compile_options(signet_flags INTERFACE -w)
else()
  target_compile_options(signet_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wimplicit-fallthrough
    -Wno-missing-field-initializers  # designated initialisers leave the rest to the defaults
    -Werror)
endif()
target_compile_options(signet_flags INTERFACE -fno-strict-aliasing)
target_compile_definitions(signet_flags INTERFACE SIGNET_VERSION="${PROJECT_VERSION}")

if(SIGNET_SANITIZE)
  target_compile_options(signet_flags INTERFACE
    -fsanitize=${SIGNET_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(signet_flags INTERFACE -fsanitize=${SIGNET_SANITIZE})
  if(SIGNET_SANITIZE MATCHES "address.*undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A description beside each check, and its relocation at each start, cost more than the checks themselves.
    # AddressSanitizer tells where the trap is (handle_sigill).
    target_compile_options(signet_flags INTERFACE -fsanitize-undefined-trap-on-error)
    target_link_options(signet_flags INTERFACE
      $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
  endif()
endif()

if(SIGNET_FUZZ)
  # Coverage for the libraries too; the target itself brings libFuzzer's main().
  target_compile_options(signet_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(SIGNET_HARDENED)
  target_compile_options(signet_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
    -fcf-protection -D_GLIBCXX_ASSERTIONS)
  target_link_options(signet_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  set(CMAKE_EXE_LINKER_FLAGS "${CMAKE_EXE_LINKER_FLAGS} -pie")
endif()

find_program(SIGNET_CCACHE ccache)
if(SIGNET_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SIGNET_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${SIGNET_CCACHE})
endif()

# mold links the debug builds in a fraction of the time; release stays with the system's default linker.
find_program(SIGNET_MOLD mold)
if(SIGNET_MOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_link_options(-fuse-ld=mold)
endif()

# One static library per folder. `USES` are the folders it may use (checked by scripts/check-layers);
# `PRIVATE_USES` are what only its own sources see.
function(signet_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(signet_${name} STATIC ${ARG_SOURCES})
  add_library(signet::${name} ALIAS signet_${name})
  target_link_libraries(signet_${name} PUBLIC signet::flags ${ARG_USES} PRIVATE ${ARG_PRIVATE_USES})
endfunction()
