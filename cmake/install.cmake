pkg_get_variable(SIGNET_P11KIT_MODULES p11-kit-1 p11_module_path)

# signet_install_configured(TEMPLATE DESTINATION): installs what TEMPLATE (NAME.in) says with @SIGNET_BINDIR@ and
# @SIGNET_MODULE@ filled in. That happens when it is installed: `cmake --install --prefix` may name another place than
# the build was configured for. Of a module where p11-kit looks by itself the name is enough, and the same for every
# architecture.
function(signet_install_configured template destination)
  get_filename_component(name ${template} NAME_WLE)
  install(CODE "
    set(SIGNET_BINDIR \"${CMAKE_INSTALL_BINDIR}\")
    set(SIGNET_LIBDIR \"${CMAKE_INSTALL_LIBDIR}\")
    cmake_path(ABSOLUTE_PATH SIGNET_BINDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    cmake_path(ABSOLUTE_PATH SIGNET_LIBDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    set(SIGNET_MODULE signet-pkcs11.so)
    if(NOT \"\${SIGNET_LIBDIR}/pkcs11\" STREQUAL \"${SIGNET_P11KIT_MODULES}\")
      set(SIGNET_MODULE \"\${SIGNET_LIBDIR}/pkcs11/signet-pkcs11.so\")
    endif()
    configure_file(\"${CMAKE_CURRENT_SOURCE_DIR}/${template}\"
      \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${destination}/${name}\" @ONLY)")
endfunction()

# signet_install_completion(PROGRAM): completion for bash and zsh of a program that has options and no subcommands.
function(signet_install_completion program)
  string(MAKE_C_IDENTIFIER "_${program}" function)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/completion.bash.in completions/${program} @ONLY)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/completion.zsh.in completions/_${program} @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/completions/${program}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/completions/_${program}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
endfunction()
