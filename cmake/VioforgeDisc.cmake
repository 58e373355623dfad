# SPDX-License-Identifier: GPL-3.0-or-later
# From driver binaries to the verified disc: keys -> packages -> build/vioforge.iso.

set(VIOFORGE_KEY "" CACHE FILEPATH "Signing key (PEM); empty: a test key made once in the build directory")
set(VIOFORGE_CERT "" CACHE FILEPATH "Certificate of VIOFORGE_KEY (PEM)")
set(VIOFORGE_LABEL "vioforge-${PROJECT_VERSION}" CACHE STRING "Volume label of the disc, 16 characters at most")

if(VIOFORGE_KEY AND VIOFORGE_CERT)
  set(key ${VIOFORGE_KEY})
  set(cert ${VIOFORGE_CERT})
elseif(VIOFORGE_KEY OR VIOFORGE_CERT)
  message(FATAL_ERROR "VIOFORGE_KEY and VIOFORGE_CERT go together: give both or neither")
else()
  set(key ${CMAKE_BINARY_DIR}/keys/test.key)
  set(cert ${CMAKE_BINARY_DIR}/keys/test.pem)
  # made once: a later build signs with what is there
  add_custom_command(OUTPUT ${key} ${cert}
    COMMAND vioforge sign test-cert --quiet --force ${CMAKE_BINARY_DIR}/keys
    COMMENT "Making a test certificate")
endif()

# The certificate in the form that Windows opens, for the disc.
vioforge_tool(VIOFORGE_OPENSSL openssl)
set(cer ${CMAKE_BINARY_DIR}/disc/vioforge.cer)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/disc)
add_custom_command(OUTPUT ${cer}
  COMMAND ${VIOFORGE_OPENSSL} x509 -in ${cert} -outform DER -out ${cer}
  DEPENDS ${cert}
  VERBATIM)

# The matrix of a virtio-win style disc: <os>/<arch> folders.
set(VIOFORGE_TARGETS
  w10/amd64 w10/x86 w11/amd64 w11/ARM64
  2k16/amd64 2k19/amd64 2k22/amd64 2k25/amd64 2k25/ARM64)

set(driver_version ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}.${PROJECT_VERSION_PATCH}.0)
set(environment ${CMAKE_COMMAND} -E env SOURCE_DATE_EPOCH=${VIOFORGE_EPOCH})
set(packages)
foreach(driver IN LISTS VIOFORGE_DRIVERS)
  set(template ${CMAKE_SOURCE_DIR}/inf/templates/${driver}.inf.in)
  foreach(target IN LISTS VIOFORGE_TARGETS)
    string(REGEX REPLACE ".*/" "" arch ${target})
    string(TOLOWER ${arch} arch)
    set(binary ${CMAKE_BINARY_DIR}/drivers/${arch}/${driver})
    set(folder ${CMAKE_BINARY_DIR}/packages/${driver}/${target})
    add_custom_command(OUTPUT ${folder}/${driver}.cat
      COMMAND ${environment} $<TARGET_FILE:vioforge> package --quiet --force --for ${target}
        --version ${driver_version} --key ${key} --cert ${cert} -o ${folder}
        ${template} ${binary}.sys ${binary}.pdb
      DEPENDS vioforge ${template} ${binary}.sys ${binary}.pdb ${key} ${cert}
      COMMENT "Packaging ${driver} for ${target}"
      VERBATIM)
    list(APPEND packages ${folder}/${driver}.cat)
  endforeach()
endforeach()
add_custom_target(packages DEPENDS ${packages})

set(iso ${CMAKE_BINARY_DIR}/vioforge.iso)
add_custom_command(OUTPUT ${iso} ${iso}.sha256
  COMMAND ${environment} $<TARGET_FILE:vioforge> iso create --quiet --force --layout virtio-win
    --label ${VIOFORGE_LABEL} --cert ${cer} --sha256
      --license ${CMAKE_SOURCE_DIR}/LICENSES/BSD-3-Clause.txt
      --license ${CMAKE_SOURCE_DIR}/LICENSES/GPL-3.0-or-later.txt -o ${iso} ${CMAKE_BINARY_DIR}/packages
  COMMAND $<TARGET_FILE:vioforge> verify --quiet --root ${cert} ${iso}
  DEPENDS vioforge ${packages} ${cert} ${cer}
  COMMENT "Making and verifying the disc"
  VERBATIM)
add_custom_target(disc ALL
  COMMAND ${CMAKE_COMMAND} -DISO=${iso} -DSOURCE=${CMAKE_SOURCE_DIR}
    -P ${CMAKE_SOURCE_DIR}/cmake/disc_line.cmake
  DEPENDS ${iso}
  VERBATIM)
# last of all, so that its line is the closing one
add_dependencies(disc drivers)
