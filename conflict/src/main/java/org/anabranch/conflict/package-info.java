@NullMarked
package org.anabranch.conflict;

import org.jspecify.annotations.NullMarked;
