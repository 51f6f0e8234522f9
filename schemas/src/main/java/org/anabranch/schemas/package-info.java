@NullMarked
package org.anabranch.schemas;

import org.jspecify.annotations.NullMarked;
