"""A VTK triangle mesh whose points and normals are rewritten in place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

FloatArray = NDArray[np.floating]


class MeshBuffer:
    """points, normals: (V, 3) float32 arrays that share memory with ``poly_data``; call ``changed`` after writing."""

    def __init__(self, num_points: int, triangles: NDArray[np.integer]) -> None:
        """triangles: (F, 3) indices into the points."""
        self.points: FloatArray = np.zeros((num_points, 3), dtype=np.float32)
        self.normals: FloatArray = np.tile(np.array([0.0, 1.0, 0.0], dtype=np.float32), (num_points, 1))
        self._vtk_points = vtkPoints()
        self._vtk_points.SetData(numpy_to_vtk(self.points))
        self._vtk_normals = numpy_to_vtk(self.normals)
        self._vtk_normals.SetName("Normals")
        self.poly_data = vtkPolyData()
        self.poly_data.SetPoints(self._vtk_points)
        self.poly_data.GetPointData().SetNormals(self._vtk_normals)
        self.poly_data.SetPolys(triangle_cells(triangles))
        self._kept: list[Any] = []

    def add_array(self, name: str, values: NDArray[np.generic]) -> Any:
        """A point array of (V,) or (V, n) values, as a VTK array."""
        data = np.ascontiguousarray(values)
        array = numpy_to_vtk(data)
        array.SetName(name)
        self.poly_data.GetPointData().AddArray(array)
        self._kept.append(data)
        return array

    def changed(self) -> None:
        self._vtk_points.GetData().Modified()
        self._vtk_points.Modified()
        self._vtk_normals.Modified()
        self.poly_data.Modified()


def triangle_cells(triangles: NDArray[np.integer]) -> vtkCellArray:
    flat = np.ascontiguousarray(triangles, dtype=np.int64)
    offsets = np.arange(0, flat.size + 1, 3, dtype=np.int64)
    cells = vtkCellArray()
    cells.SetData(numpy_to_vtkIdTypeArray(offsets, deep=True), numpy_to_vtkIdTypeArray(flat.ravel(), deep=True))
    return cells
